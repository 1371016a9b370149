/** The frames of a streamed chat, in vLLM's order and with its members. */
import type { Answer } from "../answer.ts";
import type { Part, Sink, Tally } from "../generation.ts";
import type { ChatRequest } from "./chat-request.ts";
import { chatLogprobs } from "./logprobs.ts";
import type { Vllm } from "./options.ts";
import { BROKEN } from "./refusal.ts";
import { DONE, errorFrames, frame, seconds } from "./replies.ts";
import { type UsageFrames, usageFrames } from "./stream-usage.ts";
import { type Counts, countsOf, finalUsage, runningUsage } from "./usage.ts";

export interface ChatStreamOptions {
  readonly vllm: Vllm;
  readonly answer: Answer;
  readonly request: ChatRequest;
  readonly parts: readonly Part[];
  readonly id: string;
  readonly tally: Tally;
}

export class ChatStream implements Sink {
  readonly #options: ChatStreamOptions;
  readonly #usage: UsageFrames;
  /** Pieces of each choice that wait for their frame to fill. */
  readonly #held: string[][];
  readonly #envelope: Readonly<Record<string, unknown>>;

  constructor(options: ChatStreamOptions) {
    const { vllm, request, parts, id } = options;
    this.#options = options;
    this.#usage = usageFrames(request.sampling, request.knobs);
    this.#held = parts.map(() => []);
    const model = request.knobs.modelName ?? vllm.options.models[0];
    this.#envelope = { id, object: "chat.completion.chunk", created: seconds(vllm), model };
  }

  begin(): void {
    for (const index of this.#options.parts.keys()) {
      const choice = { index, delta: { role: "assistant", content: "" }, logprobs: null, finish_reason: null };
      this.#write(choice, { prompt_token_ids: null, prompt_text: null });
    }
  }

  token(part: number, index: number, piece: string): void {
    if (this.#options.request.call === undefined) this.#text(part, index, piece);
    else this.#call(part, index, piece);
  }

  broke(): void {
    this.#options.answer.end(errorFrames(BROKEN));
  }

  done(): void {
    const { vllm, answer, request } = this.#options;
    const details = vllm.options.promptTokensDetails ? "chat" : "none";
    const usage = {
      ...this.#envelope,
      choices: [],
      usage: finalUsage(this.#counts, request.knobs, details),
      system_fingerprint: vllm.fingerprint,
    };
    answer.end(frame(usage).repeat(this.#usage.finals) + DONE);
  }

  #text(part: number, index: number, piece: string): void {
    const plan = this.#options.parts[part]?.plan;
    const held = this.#held[part];
    if (plan === undefined || held === undefined) return;
    held.push(piece);
    const last = index === plan.pieces.length - 1;
    if (!last && held.length < this.#options.vllm.options.tokensPerFrame) return;
    const { top } = this.#options.request;
    const logprobs = top === undefined ? null : chatLogprobs(held, top);
    const delta = { content: held.splice(0).join("") };
    // A stop string is known only after it was held back, so its finish comes in a frame of its own.
    const rides = last && plan.stopReason === null;
    if (rides) this.#finish(part, { delta, logprobs, reason: plan.finish });
    else this.#write({ index: part, delta, logprobs, finish_reason: null, token_ids: null });
    if (last && !rides) this.#finish(part, { delta: {}, logprobs: null, reason: plan.finish });
  }

  /** The tool's name once the opening is through, then its arguments piece by piece. */
  #call(part: number, index: number, piece: string): void {
    const { request, parts, vllm } = this.#options;
    const plan = parts[part]?.plan;
    const { call } = request;
    if (call === undefined || plan === undefined) return;
    const at = index - call.openingTokens;
    if (at === -1) {
      const id = `chatcmpl-tool-${vllm.random.hex(16)}`;
      this.#tool(part, { id, type: "function", index: 0, function: { name: call.name } });
    } else if (at >= 0 && at < call.argumentTokens) this.#tool(part, { index: 0, function: { arguments: piece } });
    if (index < plan.pieces.length - 1) return;
    this.#finish(part, { delta: {}, logprobs: null, reason: plan.finish === "stop" ? call.finish : plan.finish });
  }

  #tool(part: number, toolCall: unknown): void {
    this.#write({ index: part, delta: { content: null, tool_calls: [toolCall] }, logprobs: null, finish_reason: null, token_ids: null });
  }

  #finish(
    part: number,
    { delta, logprobs, reason }: { readonly delta: unknown; readonly logprobs: unknown; readonly reason: string },
  ): void {
    const stop_reason = this.#options.parts[part]?.plan.stopReason ?? null;
    const choice = { index: part, delta, logprobs, finish_reason: reason, stop_reason, token_ids: null };
    this.#write(choice, this.#usage.finals > 0 ? {} : { system_fingerprint: this.#options.vllm.fingerprint });
  }

  #write(choice: unknown, more: Readonly<Record<string, unknown>> = {}): void {
    const usage = this.#usage.running ? { usage: runningUsage(this.#counts, this.#options.request.knobs) } : {};
    this.#options.answer.write(frame({ ...this.#envelope, choices: [choice], ...usage, ...more }));
  }

  get #counts(): Counts {
    const { request, tally } = this.#options;
    return countsOf(request.promptIds.length, request.sampling.choices, tally);
  }
}
