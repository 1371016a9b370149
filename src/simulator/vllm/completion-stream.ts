/** The frames of a streamed completion: no role frame, and members of its own. */
import type { Part, Sink, Tally } from "../generation.ts";
import type { Exchange } from "../loopback-server.ts";
import type { CompletionRequest } from "./completion-request.ts";
import { completionLogprobs } from "./logprobs.ts";
import type { Vllm } from "./options.ts";
import { BROKEN } from "./refusal.ts";
import { DONE, errorFrames, frame, seconds } from "./replies.ts";
import { type UsageFrames, usageFrames } from "./stream-usage.ts";
import { countsOf, finalUsage, runningCompletionUsage } from "./usage.ts";

export interface CompletionOptions {
  readonly vllm: Vllm;
  readonly exchange: Exchange;
  readonly request: CompletionRequest;
  readonly parts: readonly Part[];
  readonly id: string;
  readonly tally: Tally;
}

export class CompletionStream implements Sink {
  readonly #options: CompletionOptions;
  readonly #usage: UsageFrames;
  readonly #held: string[][];
  readonly #offsets: number[];
  readonly #envelope: Readonly<Record<string, unknown>>;

  constructor(options: CompletionOptions) {
    const { vllm, request, parts, id } = options;
    this.#options = options;
    this.#usage = usageFrames(request.sampling, request.knobs);
    this.#held = parts.map(() => []);
    this.#offsets = parts.map(() => 0);
    const model = request.knobs.modelName ?? vllm.options.models[0];
    this.#envelope = { id, object: "text_completion", created: seconds(vllm), model };
  }

  begin(): void {}

  token(part: number, index: number, piece: string): void {
    const { parts, request, vllm } = this.#options;
    const plan = parts[part]?.plan;
    const held = this.#held[part];
    if (plan === undefined || held === undefined) return;
    if (index === 0 && request.echo) held.push(request.prompts[Math.floor(part / request.sampling.choices)]?.text ?? "");
    if (!request.nothing) held.push(piece);
    const last = index === plan.pieces.length - 1;
    if (last || held.length >= vllm.options.tokensPerFrame) this.#flush(part, last);
  }

  broke(): void {
    this.#options.exchange.answer.end(errorFrames(BROKEN));
  }

  done(): void {
    const { vllm, exchange, request } = this.#options;
    const usage = finalUsage(this.#counts(), request.knobs, vllm.options.promptTokensDetails ? "completion" : "none");
    const last = { ...this.#envelope, choices: [], usage, system_fingerprint: vllm.fingerprint };
    exchange.answer.end(frame(last).repeat(this.#usage.finals) + DONE);
  }

  #flush(part: number, last: boolean): void {
    const { request, parts, vllm, exchange } = this.#options;
    const plan = parts[part]?.plan;
    const tokens = this.#held[part]?.splice(0) ?? [];
    const text = tokens.join("");
    const offset = this.#offsets[part] ?? 0;
    this.#offsets[part] = offset + text.length;
    const choice = {
      index: part,
      text,
      logprobs: request.top === undefined ? null : completionLogprobs(tokens, request.top, offset),
      finish_reason: last ? plan?.finish : null,
      stop_reason: last ? plan?.stopReason : null,
      prompt_token_ids: null,
      token_ids: null,
    };
    const usage = this.#usage.running ? { usage: runningCompletionUsage(this.#counts(), request.knobs) } : {};
    const fingerprint = last && this.#usage.finals === 0 ? { system_fingerprint: vllm.fingerprint } : {};
    exchange.answer.write(frame({ ...this.#envelope, choices: [choice], ...usage, ...fingerprint }));
  }

  #counts(): ReturnType<typeof countsOf> {
    const { request, tally } = this.#options;
    return countsOf(request.promptTokens, request.sampling.choices, tally);
  }
}
