/** Writes OpenAI's answers around Triton's text: chunks of a stream, or one body. */
import type { Call } from "../../domain/call.ts";
import type { RequestId } from "../../domain/ids.ts";
import type { Observed } from "../../domain/usage.ts";
import type { Envelope } from "../../openai/envelope.ts";

export const DONE = "data: [DONE]\n\n";

export class Writer {
  readonly #chat: boolean;
  /** `"id":…,"object":…,"created":…,"model":…` without the word "chunk". */
  readonly #members: string;
  readonly #head: string;
  /** In a stream with usage asked for, every chunk before the last says that there is none yet. */
  readonly #tail: string;

  constructor(call: Call, request: RequestId, envelope: Envelope) {
    this.#chat = call.capability === "chat";
    const id = envelope.id.toString();
    const rest = `"created":${String(createdS(request))},"model":${envelope.model.toString()}`;
    this.#members = `"id":${id},"object":"${this.#chat ? "chat.completion" : "text_completion"}",${rest}`;
    this.#head = `data: {"id":${id},"object":"${this.#chat ? "chat.completion.chunk" : "text_completion"}",${rest},"choices":[`;
    this.#tail = call.includeUsage ? '],"usage":null}\n\n' : "]}\n\n";
  }

  /** The first chunk of a chat; "" where there is none. */
  opening(): string {
    return this.#chat ? this.#chunk('"delta":{"role":"assistant","content":""},"logprobs":null', "null") : "";
  }

  text(text: string): string {
    const json = JSON.stringify(text);
    return this.#chunk(this.#chat ? `"delta":{"content":${json}},"logprobs":null` : `"text":${json},"logprobs":null`, "null");
  }

  finish(reason: string): string {
    return this.#chunk(this.#chat ? '"delta":{},"logprobs":null' : '"text":"","logprobs":null', JSON.stringify(reason));
  }

  /** The chunk before the last line of a stream, for callers who asked for it. */
  usage(observed: Observed): string {
    const usage = usageOf(observed);
    return usage === undefined ? "" : `${this.#head}],"usage":${JSON.stringify(usage)}}\n\n`;
  }

  /** The one body of a call without a stream. */
  whole(text: string, reason: string, observed: Observed): string {
    const choice = this.#chat
      ? { index: 0, message: { role: "assistant", content: text, refusal: null }, logprobs: null, finish_reason: reason }
      : { index: 0, text, logprobs: null, finish_reason: reason };
    const usage = usageOf(observed);
    return `{${this.#members},"choices":[${JSON.stringify(choice)}]${usage === undefined ? "" : `,"usage":${JSON.stringify(usage)}`}}`;
  }

  #chunk(inner: string, reason: string): string {
    return `${this.#head}{"index":0,${inner},"finish_reason":${reason}}${this.#tail}`;
  }
}

/** A request id begins with 48 bits of Unix milliseconds: the only clock that a pure core needs here. */
function createdS(request: RequestId): number {
  const ms = Number.parseInt(request.slice(0, 12), 16);
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1000);
}

/** undefined when the engine stated none: no number is better than a made-up one. */
function usageOf({ reported }: Observed): object | undefined {
  if (reported?.promptTokens === undefined || reported.completionTokens === undefined) return undefined;
  const { promptTokens, completionTokens } = reported;
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens };
}
