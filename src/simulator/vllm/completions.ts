/** POST /v1/completions, whole or streamed. */
import { type Part, type Sink, Tally } from "../generation.ts";
import type { Exchange } from "../loopback-server.ts";
import { plan } from "../plan.ts";
import { hashText } from "../seeded.ts";
import { type CompletionRequest, readCompletion } from "./completion-request.ts";
import { type CompletionOptions, CompletionStream } from "./completion-stream.ts";
import { readFields } from "./fields.ts";
import { completionLogprobs } from "./logprobs.ts";
import type { Vllm } from "./options.ts";
import { BROKEN } from "./refusal.ts";
import { seconds, sendJson } from "./replies.ts";
import { run } from "./run.ts";
import { strike } from "./strike.ts";
import { countsOf, wholeUsage } from "./usage.ts";

export function serveCompletion(vllm: Vllm, exchange: Exchange): void {
  const request = readCompletion(vllm, readFields(exchange.body, exchange.header));
  if (strike(vllm, exchange, request.knobs)) return;
  const parts = partsOf(request);
  const id = `cmpl-${request.sampling.requestId ?? exchange.header("x-request-id") ?? vllm.random.hex(16)}`;
  const tally = new Tally();
  const options = { vllm, exchange, request, parts, id, tally };
  const sink = request.sampling.stream ? new CompletionStream(options) : new WholeCompletion(options);
  run(vllm, exchange, { knobs: request.knobs, parts, sink, tally, stream: request.sampling.stream });
}

/** Prompt by prompt, the n answers of one next to each other. */
function partsOf(request: CompletionRequest): readonly Part[] {
  const { sampling, prompts, forced, knobs } = request;
  const { seed, tokensMin, stop, ignoreEnd, choices } = sampling;
  const salt = hashText(sampling.salt, 0);
  return prompts.flatMap(({ text, ids, directives, tokensMax }) => {
    const common = {
      prompt: text,
      directives,
      forced,
      seed,
      tokensMax,
      tokensMin,
      stop,
      ignoreEnd,
      invalidUtf8: knobs.invalidUtf8 === true,
    };
    return Array.from({ length: choices }, (_, choice) => ({ plan: plan({ ...common, choice }), prompt: ids, salt }));
  });
}

/** Says nothing until all is generated. */
class WholeCompletion implements Sink {
  readonly #options: CompletionOptions;

  constructor(options: CompletionOptions) {
    this.#options = options;
  }

  begin(): void {}

  token(): void {}

  broke(): void {
    sendJson(this.#options.vllm, this.#options.exchange, { status: 500, value: BROKEN });
  }

  done(): void {
    const { vllm, exchange, request, parts, id, tally } = this.#options;
    const counts = countsOf(request.promptTokens, request.sampling.choices, tally);
    const value = {
      id,
      object: "text_completion",
      created: seconds(vllm),
      model: request.knobs.modelName ?? vllm.options.models[0],
      choices: parts.map((part, index) => this.#choice(part, index)),
      service_tier: null,
      system_fingerprint: vllm.fingerprint,
      usage: wholeUsage(counts, request.knobs, vllm.options.promptTokensDetails),
      kv_transfer_params: null,
      ec_transfer_params: null,
      metrics: null,
    };
    sendJson(vllm, exchange, { status: 200, value });
  }

  #choice({ plan: { pieces, finish, stopReason } }: Part, index: number): unknown {
    const { request } = this.#options;
    const echoed = request.echo ? (request.prompts[Math.floor(index / request.sampling.choices)]?.text ?? "") : "";
    const shown = request.nothing ? [] : pieces;
    return {
      index,
      text: echoed + shown.join(""),
      logprobs: request.top === undefined ? null : completionLogprobs(shown, request.top, echoed.length),
      finish_reason: finish,
      stop_reason: stopReason,
      token_ids: null,
      prompt_logprobs: null,
      prompt_token_ids: null,
      routed_experts: null,
    };
  }
}
