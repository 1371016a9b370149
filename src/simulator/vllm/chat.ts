/** POST /v1/chat/completions, whole or streamed. */
import { type Part, type Sink, Tally } from "../generation.ts";
import type { Exchange } from "../loopback-server.ts";
import { plan } from "../plan.ts";
import { hashText } from "../seeded.ts";
import { type ChatRequest, readChat } from "./chat-request.ts";
import { ChatStream } from "./chat-stream.ts";
import { readFields } from "./fields.ts";
import { chatLogprobs } from "./logprobs.ts";
import type { Vllm } from "./options.ts";
import { BROKEN } from "./refusal.ts";
import { seconds, sendJson } from "./replies.ts";
import { run } from "./run.ts";
import { strike } from "./strike.ts";
import { countsOf, wholeUsage } from "./usage.ts";

export function serveChat(vllm: Vllm, exchange: Exchange): void {
  const request = readChat(vllm, readFields(exchange.body, exchange.header));
  if (strike(vllm, exchange, request.knobs)) return;
  const parts = partsOf(request);
  const id = `chatcmpl-${request.sampling.requestId ?? exchange.header("x-request-id") ?? vllm.random.hex(16)}`;
  const tally = new Tally();
  const sink = request.sampling.stream
    ? new ChatStream({ vllm, answer: exchange.answer, request, parts, id, tally })
    : new WholeChat({ vllm, exchange, request, parts, id, tally });
  run(vllm, exchange, { knobs: request.knobs, parts, sink, tally, stream: request.sampling.stream });
}

/** Also for /v1/responses. */
export function partsOf(request: ChatRequest): readonly Part[] {
  const { sampling, prompt, promptIds, directives, forced } = request;
  const { seed, tokensMin, stop, ignoreEnd } = sampling;
  const invalidUtf8 = request.knobs.invalidUtf8 === true;
  const common = { prompt, directives, forced, seed, tokensMax: request.tokensMax, tokensMin, stop, ignoreEnd, invalidUtf8 };
  const salt = hashText(sampling.salt, 0);
  return Array.from({ length: sampling.choices }, (_, choice) => ({ plan: plan({ ...common, choice }), prompt: promptIds, salt }));
}

interface WholeOptions {
  readonly vllm: Vllm;
  readonly exchange: Exchange;
  readonly request: ChatRequest;
  readonly parts: readonly Part[];
  readonly id: string;
  readonly tally: Tally;
}

/** Says nothing until all is generated. */
class WholeChat implements Sink {
  readonly #options: WholeOptions;

  constructor(options: WholeOptions) {
    this.#options = options;
  }

  begin(): void {}

  token(): void {}

  broke(): void {
    sendJson(this.#options.vllm, this.#options.exchange, { status: 500, value: BROKEN });
  }

  done(): void {
    const { vllm, exchange, request, parts, id, tally } = this.#options;
    const counts = countsOf(request.promptIds.length, parts.length, tally);
    const value = {
      id,
      object: "chat.completion",
      created: seconds(vllm),
      model: request.knobs.modelName ?? vllm.options.models[0],
      choices: parts.map((part, index) => this.#choice(part, index)),
      service_tier: null,
      system_fingerprint: vllm.fingerprint,
      usage: wholeUsage(counts, request.knobs, vllm.options.promptTokensDetails),
      prompt_logprobs: null,
      prompt_token_ids: null,
      prompt_text: null,
      kv_transfer_params: null,
      ec_transfer_params: null,
      metrics: null,
    };
    sendJson(vllm, exchange, { status: 200, value });
  }

  #choice({ plan: { pieces, finish, stopReason } }: Part, index: number): unknown {
    const { call, top } = this.#options.request;
    const called = call !== undefined && finish === "stop";
    return {
      index,
      message: this.#message(pieces.join(""), called),
      logprobs: top === undefined ? null : chatLogprobs(pieces, top),
      finish_reason: called ? call.finish : finish,
      stop_reason: stopReason,
      token_ids: null,
      routed_experts: null,
    };
  }

  /** A call that was cut short comes back as plain content. */
  #message(text: string, called: boolean): unknown {
    const { vllm, request } = this.#options;
    const { call } = request;
    const before = { role: "assistant", content: called ? "" : text, refusal: null, annotations: null, audio: null, function_call: null };
    if (!called || call === undefined) return { ...before, reasoning: null };
    const id = `chatcmpl-tool-${vllm.random.hex(16)}`;
    const toolCall = { id, type: "function", function: { name: call.name, arguments: call.arguments } };
    return { ...before, tool_calls: [toolCall], reasoning: null };
  }
}
