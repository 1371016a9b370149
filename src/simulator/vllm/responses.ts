/** POST /v1/responses without a store, whole or streamed: the engine underneath is the chat's. */
import { type Part, type Sink, Tally } from "../generation.ts";
import type { Exchange } from "../loopback-server.ts";
import type { ChatRequest } from "./chat-request.ts";
import { partsOf } from "./chat.ts";
import type { Vllm } from "./options.ts";
import { BROKEN } from "./refusal.ts";
import { seconds, sendJson } from "./replies.ts";
import { readResponse, type ResponseRequest } from "./responses-request.ts";
import { ResponseEventStream } from "./responses-stream.ts";
import { run } from "./run.ts";
import { strike } from "./strike.ts";
import { type Counts, countsOf, stated } from "./usage.ts";
import { readFields } from "./fields.ts";

export function serveResponse(vllm: Vllm, exchange: Exchange): void {
  const request = readResponse(vllm, readFields(exchange.body, exchange.header));
  const { chat } = request;
  if (strike(vllm, exchange, chat.knobs)) return;
  const parts = partsOf(chat);
  const tally = new Tally();
  const told = new ToldResponse({ vllm, request, parts, tally });
  const sink = chat.sampling.stream
    ? new ResponseEventStream({ vllm, answer: exchange.answer, chat, parts, told })
    : new WholeResponse(vllm, exchange, told);
  run(vllm, exchange, { knobs: chat.knobs, parts, sink, tally, stream: chat.sampling.stream });
}

interface ToldOptions {
  readonly vllm: Vllm;
  readonly request: ResponseRequest;
  readonly parts: readonly Part[];
  readonly tally: Tally;
}

/** The Response object in vLLM's order of members: without `error` and `store`, and with `text` null where none was asked. */
export class ToldResponse {
  readonly messageId: string;
  readonly callId: string;
  readonly #options: ToldOptions;
  readonly #id: string;
  readonly #created: number;

  constructor(options: ToldOptions) {
    const { random } = options.vllm;
    this.#options = options;
    this.#id = `resp_${random.hex(16)}`;
    this.messageId = `msg_${random.hex(16)}`;
    this.callId = `chatcmpl-tool-${random.hex(16)}`;
    this.#created = seconds(options.vllm);
  }

  at(status: "in_progress" | "completed" | "incomplete"): unknown {
    const { vllm, request, parts, tally } = this.#options;
    const { chat, said } = request;
    const over = status !== "in_progress";
    const counts = countsOf(chat.promptIds.length, parts.length, tally);
    return {
      id: this.#id,
      created_at: this.#created,
      incomplete_details: status === "incomplete" ? { reason: "max_output_tokens" } : null,
      instructions: said.instructions,
      metadata: said.metadata,
      model: chat.knobs.modelName ?? vllm.options.models[0],
      object: "response",
      output: over ? this.#output() : [],
      parallel_tool_calls: true,
      temperature: said.temperature,
      tool_choice: said.toolChoice,
      tools: said.tools,
      top_p: said.topP,
      background: false,
      max_output_tokens: chat.tokensMax,
      max_tool_calls: null,
      previous_response_id: null,
      prompt: null,
      reasoning: said.reasoning,
      service_tier: "auto",
      status,
      text: said.text,
      top_logprobs: null,
      truncation: "disabled",
      usage: over && chat.knobs.usage !== "absent" ? usageOf(stated(counts, chat.knobs)) : null,
      user: said.user,
      presence_penalty: 0,
      frequency_penalty: 0,
      kv_transfer_params: null,
      ec_transfer_params: null,
      input_messages: null,
      output_messages: null,
    };
  }

  get finalStatus(): "completed" | "incomplete" {
    return this.#options.parts[0]?.plan.finish === "length" ? "incomplete" : "completed";
  }

  get text(): string {
    return this.#options.parts[0]?.plan.pieces.join("") ?? "";
  }

  /** A call that was cut short comes back as plain content. */
  get call(): ChatRequest["call"] {
    const { chat } = this.#options.request;
    return this.finalStatus === "completed" ? chat.call : undefined;
  }

  #output(): readonly unknown[] {
    const { call } = this;
    if (call !== undefined) return [this.callItem(call.name, call.arguments, "completed")];
    return [this.messageItem([{ annotations: [], text: this.text, type: "output_text", logprobs: null }], "completed")];
  }

  /** Says "completed" of what was cut as well. */
  messageItem(content: readonly unknown[], status: string): unknown {
    return { id: this.messageId, content, role: "assistant", status, type: "message", phase: null };
  }

  callItem(name: string, args: string, status: string): unknown {
    return { arguments: args, call_id: this.callId, name, type: "function_call", id: this.messageId.replace("msg_", "fc_"), status };
  }
}

function usageOf({ promptTokens, completionTokens, cachedTokens }: Counts): unknown {
  return {
    input_tokens: promptTokens,
    input_tokens_details: { cached_tokens: cachedTokens, cache_write_tokens: 0, input_tokens_per_turn: [], cached_tokens_per_turn: [] },
    output_tokens: completionTokens,
    output_tokens_details: { reasoning_tokens: 0, tool_output_tokens: 0, output_tokens_per_turn: [], tool_output_tokens_per_turn: [] },
    total_tokens: promptTokens + completionTokens,
  };
}

/** Says nothing until all is generated. */
class WholeResponse implements Sink {
  readonly #vllm: Vllm;
  readonly #exchange: Exchange;
  readonly #told: ToldResponse;

  constructor(vllm: Vllm, exchange: Exchange, told: ToldResponse) {
    this.#vllm = vllm;
    this.#exchange = exchange;
    this.#told = told;
  }

  begin(): void {}

  token(): void {}

  broke(): void {
    sendJson(this.#vllm, this.#exchange, { status: 500, value: BROKEN });
  }

  done(): void {
    sendJson(this.#vllm, this.#exchange, { status: 200, value: this.#told.at(this.#told.finalStatus) });
  }
}
