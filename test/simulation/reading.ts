/** What a caller's bytes mean, read as an OpenAI client reads them and not as the gateway writes them. */

export type Reading =
  | { readonly kind: "error"; readonly code: string | null; readonly type: string }
  | {
      readonly kind: "whole";
      readonly texts: readonly string[];
      readonly model: string;
      readonly id: string;
      readonly body: Readonly<Record<string, unknown>>;
    }
  | {
      readonly kind: "stream";
      readonly texts: readonly string[];
      readonly ending: "done" | "error" | "open";
      readonly models: ReadonlySet<string>;
      readonly ids: ReadonlySet<string>;
      readonly usageFrames: number;
      readonly emptyFrames: number;
    }
  | { readonly kind: "malformed"; readonly why: string };

export interface Received {
  readonly status: number;
  readonly headers: readonly string[];
  readonly bytes: Buffer;
}

export function headerOf(headers: readonly string[], name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) if (headers[at]?.toLowerCase() === name) return headers[at + 1];
  return undefined;
}

export function read(received: Received): Reading {
  const type = headerOf(received.headers, "content-type") ?? "";
  const text = received.bytes.toString("utf8");
  try {
    if (received.status !== 200) return readError(JSON.parse(text), type);
    return type.startsWith("text/event-stream") ? readStream(text) : readWhole(JSON.parse(text), type);
  } catch (error) {
    return { kind: "malformed", why: String(error) };
  }
}

type Json = ReturnType<typeof JSON.parse>;

function readError(value: Json, type: string): Reading {
  const { error } = value;
  for (const name of ["message", "type", "param", "code"])
    if (!(name in error)) return { kind: "malformed", why: `an error without ${name}` };
  if (type !== "application/json" || typeof error.message !== "string" || error.message === "")
    return { kind: "malformed", why: "not an OpenAI error" };
  return { kind: "error", code: error.code, type: error.type };
}

function readWhole(value: Json, type: string): Reading {
  if (type !== "application/json") return { kind: "malformed", why: `content-type ${type}` };
  const choices: readonly Json[] = value.choices ?? [];
  const texts = choices.map((choice) => choice.message?.content ?? choice.text);
  return { kind: "whole", texts, model: value.model, id: value.id, body: value };
}

function readStream(text: string): Reading {
  const texts: string[] = [];
  const models = new Set<string>();
  const ids = new Set<string>();
  let usageFrames = 0;
  let emptyFrames = 0;
  let ending: "done" | "error" | "open" = "open";
  const events = text.replaceAll("\r\n", "\n").split("\n\n");
  if (events.pop() !== "") return { kind: "malformed", why: "the last event has no blank line" };
  for (const event of events) {
    if (ending !== "open") return { kind: "malformed", why: `an event after ${ending}` };
    const data = dataOf(event);
    if (data === undefined) return { kind: "malformed", why: "an event without data" };
    if (data === "[DONE]") ending = "done";
    else {
      const value = JSON.parse(data);
      if (value.error !== undefined && value.error !== null) {
        const error = readError(value, "application/json");
        if (error.kind === "malformed") return error;
        ending = "error";
      } else {
        models.add(value.model);
        ids.add(value.id);
        if (value.usage !== undefined && value.usage !== null) usageFrames += 1;
        if (value.choices.length === 0) emptyFrames += 1;
        for (const choice of value.choices)
          texts[choice.index] = (texts[choice.index] ?? "") + (choice.delta?.content ?? choice.text ?? "");
      }
    }
  }
  return { kind: "stream", texts: Array.from(texts, (each) => each ?? ""), ending, models, ids, usageFrames, emptyFrames };
}

function dataOf(event: string): string | undefined {
  const lines = event.split("\n");
  const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).replace(/^ /, ""));
  return data.length === 0 || data.length !== lines.length ? undefined : data.join("\n");
}
