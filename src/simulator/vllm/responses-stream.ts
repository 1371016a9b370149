/** The events of a streamed Response, in vLLM's order and with its members: every end is called "completed". */
import type { Answer } from "../answer.ts";
import type { Part, Sink } from "../generation.ts";
import type { ChatRequest } from "./chat-request.ts";
import type { Vllm } from "./options.ts";
import { BROKEN } from "./refusal.ts";
import { errorFrames } from "./replies.ts";
import type { ToldResponse } from "./responses.ts";

export interface ResponseEventStreamOptions {
  readonly vllm: Vllm;
  readonly answer: Answer;
  readonly chat: ChatRequest;
  readonly parts: readonly Part[];
  readonly told: ToldResponse;
}

export class ResponseEventStream implements Sink {
  readonly #options: ResponseEventStreamOptions;
  /** Pieces that wait for their event to fill. */
  readonly #held: string[] = [];
  #sequence = 0;

  constructor(options: ResponseEventStreamOptions) {
    this.#options = options;
  }

  begin(): void {
    const { told } = this.#options;
    this.#event("response.created", { response: told.at("in_progress") });
    this.#event("response.in_progress", { response: told.at("in_progress") });
    const { call } = told;
    if (call !== undefined)
      return this.#event("response.output_item.added", { item: told.callItem(call.name, "", "in_progress"), output_index: 0 });
    this.#event("response.output_item.added", { item: told.messageItem([], "in_progress"), output_index: 0 });
    const part = { annotations: [], text: "", type: "output_text", logprobs: [] };
    this.#event("response.content_part.added", { content_index: 0, item_id: told.messageId, output_index: 0, part });
  }

  token(_: number, index: number, piece: string): void {
    const { told, parts, vllm } = this.#options;
    const { call, messageId } = told;
    if (call !== undefined) {
      const at = index - call.openingTokens;
      if (at >= 0 && at < call.argumentTokens)
        this.#event("response.function_call_arguments.delta", { delta: piece, item_id: this.#callItemId, output_index: 0 });
      return;
    }
    this.#held.push(piece);
    const last = index === (parts[0]?.plan.pieces.length ?? 0) - 1;
    if (!last && this.#held.length < vllm.options.tokensPerFrame) return;
    const delta = this.#held.splice(0).join("");
    this.#event("response.output_text.delta", { content_index: 0, delta, item_id: messageId, logprobs: [], output_index: 0 });
  }

  broke(): void {
    this.#options.answer.end(errorFrames(BROKEN));
  }

  done(): void {
    const { told, answer } = this.#options;
    const { call } = told;
    if (call === undefined) this.#textDone();
    else {
      this.#event("response.function_call_arguments.done", {
        arguments: call.arguments,
        item_id: this.#callItemId,
        name: call.name,
        output_index: 0,
      });
      this.#event("response.output_item.done", { item: told.callItem(call.name, call.arguments, "completed"), output_index: 0 });
    }
    answer.end(this.#frame("response.completed", { response: told.at(told.finalStatus) }));
  }

  #textDone(): void {
    const { told } = this.#options;
    const place = { content_index: 0, item_id: told.messageId };
    const part = { annotations: [], text: told.text, type: "output_text", logprobs: null };
    this.#event("response.output_text.done", { ...place, logprobs: [], output_index: 0, text: told.text });
    this.#event("response.content_part.done", { ...place, output_index: 0, part });
    this.#event("response.output_item.done", { item: told.messageItem([part], "completed"), output_index: 0 });
  }

  get #callItemId(): string {
    return this.#options.told.messageId.replace("msg_", "fc_");
  }

  #event(type: string, members: Readonly<Record<string, unknown>>): void {
    this.#options.answer.write(this.#frame(type, members));
  }

  #frame(type: string, members: Readonly<Record<string, unknown>>): string {
    const all: [string, unknown][] = Object.entries({ ...members, sequence_number: this.#sequence++, type });
    // Its members come sorted by name.
    const sorted = Object.fromEntries(all.sort(([one], [other]) => (one < other ? -1 : 1)));
    return `event: ${type}\ndata: ${JSON.stringify(sorted)}\n\n`;
  }
}
