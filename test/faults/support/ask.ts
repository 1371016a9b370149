/** One caller's request over a raw socket, and what must be true of every answer. */
import { bearer, errorOf, raw, type RawAnswer, request } from "../../edge/support/raw.ts";
import { HOST, KEY } from "./fleet.ts";

export interface Asked {
  readonly port: number;
  readonly model: string;
  readonly stream?: boolean;
  readonly content?: string;
  /** More members of the body. */
  readonly more?: Readonly<Record<string, unknown>>;
}

export const COMPLETION_TOKENS_MAX = 50;

export function bodyOf({ model, stream = false, content = "hi", more = {} }: Omit<Asked, "port">): string {
  return JSON.stringify({ model, stream, max_tokens: COMPLETION_TOKENS_MAX, messages: [{ role: "user", content }], ...more });
}

export function ask(asked: Asked): Promise<RawAnswer> {
  const headers = [bearer(KEY), "content-type: application/json"];
  return raw({ port: asked.port, pieces: [request({ host: HOST, headers, body: bodyOf(asked) })] });
}

/** The text that a caller has read, of a stream or a whole answer. */
export function textOf(answer: Pick<RawAnswer, "body">): string {
  return Array.from(answer.body.matchAll(/"content": ?"((?:[^"\\]|\\.)*)"/g), ([, text]) => text ?? "").join("");
}

/** The error that came in band, at the end of a stream that had begun. */
export function lastError(answer: Pick<RawAnswer, "body">): Readonly<Record<string, unknown>> | undefined {
  const last = answer.body.trimEnd().split("\n\n").at(-1) ?? "";
  return last.startsWith("data: {") ? errorOf({ body: last.slice(6) }) : undefined;
}
