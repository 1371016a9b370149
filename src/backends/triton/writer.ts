/** Writes OpenAI's answers around Triton's text: chunks of a stream, or one body. */
import type { Call } from "../../domain/call.ts";
import type { RequestId } from "../../domain/ids.ts";
import type { Observed } from "../../domain/usage.ts";
import type { Envelope } from "../../openai/envelope.ts";
import type { Choice } from "./choice.ts";
import { chatLogprobs, completionLogprobs, type TokenLogprobs } from "./logprobs.ts";
import type { ToolCall } from "./tool-calls.ts";

export const DONE = "data: [DONE]\n\n";

export class Writer {
  readonly #chat: boolean;
  readonly #request: RequestId;
  /** `"id":…,"object":…,"created":…,"model":…` without the word "chunk". */
  readonly #members: string;
  readonly #head: string;
  /** In a stream with usage asked for, every chunk before the last says that there is none yet. */
  readonly #tail: string;

  constructor(call: Call, request: RequestId, envelope: Envelope) {
    this.#chat = call.capability === "chat";
    this.#request = request;
    const id = envelope.id.toString();
    const rest = `"created":${String(createdS(request))},"model":${envelope.model.toString()}`;
    this.#members = `"id":${id},"object":"${this.#chat ? "chat.completion" : "text_completion"}",${rest}`;
    this.#head = `data: {"id":${id},"object":"${this.#chat ? "chat.completion.chunk" : "text_completion"}",${rest},"choices":[`;
    this.#tail = call.includeUsage ? '],"usage":null}\n\n' : "]}\n\n";
  }

  /** The first chunk of a chat; "" where there is none. */
  opening(index: number): string {
    return this.#chat ? this.#chunk(index, '"delta":{"role":"assistant","content":""},"logprobs":null', "null") : "";
  }

  /** @param logprobs JSON */
  text(index: number, text: string, logprobs: string): string {
    const json = JSON.stringify(text);
    return this.#chunk(index, `${this.#chat ? `"delta":{"content":${json}}` : `"text":${json}`},"logprobs":${logprobs}`, "null");
  }

  /** @param before calls of this choice that went out already */
  calls(index: number, calls: readonly ToolCall[], before: number): string {
    const made = calls.map((call, at) => ({ index: before + at, ...this.#call(index, before + at, call) }));
    return this.#chunk(index, `"delta":{"tool_calls":${JSON.stringify(made)}},"logprobs":null`, "null");
  }

  finish(index: number, reason: string): string {
    return this.#chunk(index, this.#chat ? '"delta":{},"logprobs":null' : '"text":"","logprobs":null', JSON.stringify(reason));
  }

  /** The chunk before the last line of a stream, for callers who asked for it. */
  usage(observed: Observed): string {
    const usage = usageOf(observed);
    return usage === undefined ? "" : `${this.#head}],"usage":${JSON.stringify(usage)}}\n\n`;
  }

  /** Log probabilities of some tokens as JSON. @param top alternatives to show with each; undefined: none are wanted */
  logprobs(tokens: readonly TokenLogprobs[], top: number | undefined, offset: number): string {
    if (top === undefined) return "null";
    return this.#chat ? chatLogprobs(tokens, top) : completionLogprobs(tokens, offset);
  }

  /** The one body of a call without a stream. */
  whole(choices: readonly Choice[], observed: Observed, top: number | undefined): string {
    const usage = usageOf(observed);
    const written = choices.map((choice) => this.#whole(choice, top)).join(",");
    return `{${this.#members},"choices":[${written}]${usage === undefined ? "" : `,"usage":${JSON.stringify(usage)}`}}`;
  }

  #whole(choice: Choice, top: number | undefined): string {
    const { index, text, calls, reason } = choice;
    const body = this.#chat ? `"message":${JSON.stringify(this.#message(choice))}` : `"text":${JSON.stringify(text)}`;
    const logprobs = calls.length > 0 ? "null" : this.logprobs(choice.logprobs, top, 0);
    return `{"index":${String(index)},${body},"logprobs":${logprobs},"finish_reason":${JSON.stringify(reason)}}`;
  }

  #message({ index, text, calls }: Choice): object {
    if (calls.length === 0) return { role: "assistant", content: text, refusal: null };
    const made = calls.map((call, at) => this.#call(index, at, call));
    return { role: "assistant", content: text === "" ? null : text, refusal: null, tool_calls: made };
  }

  #call(choice: number, at: number, call: ToolCall): object {
    return { id: callId(this.#request, choice, at), type: "function", function: { name: call.name, arguments: call.arguments } };
  }

  #chunk(index: number, inner: string, reason: string): string {
    return `${this.#head}{"index":${String(index)},${inner},"finish_reason":${reason}}${this.#tail}`;
  }
}

/** Nine letters and digits, as some chat templates insist: six of the request's random ones, and three for the place. */
function callId(request: RequestId, choice: number, at: number): string {
  return request.slice(-6) + (choice * CALLS_MAX + at).toString(36).padStart(3, "0").slice(-3);
}

/** Calls of one choice before their ids begin to come again; no answer is so long. */
const CALLS_MAX = 364;

/** A request id begins with 48 bits of Unix milliseconds: the only clock that a pure core needs here. */
export function createdS(request: RequestId): number {
  const ms = Number.parseInt(request.slice(0, 12), 16);
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1000);
}

/** undefined when the engine stated none: no number is better than a made-up one. */
function usageOf({ reported }: Observed): object | undefined {
  if (reported?.promptTokens === undefined || reported.completionTokens === undefined) return undefined;
  const { promptTokens, completionTokens } = reported;
  return { prompt_tokens: promptTokens, completion_tokens: completionTokens, total_tokens: promptTokens + completionTokens };
}
