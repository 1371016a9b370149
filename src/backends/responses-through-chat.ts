/** The Responses API for engines that speak chat alone: the call goes out as the chat that means the same, and its answer comes back as a Response. */
import { wireOf, type Call } from "../domain/call.ts";
import type { Backend, EngineKind } from "../domain/fleet.ts";
import type { RequestId } from "../domain/ids.ts";
import { Fault } from "../faults.ts";
import { ResponseAnswer, ResponseStream } from "../openai/responses/from-chat.ts";
import { toChat } from "../openai/responses/to-chat.ts";
import { inResponsesWords } from "../openai/responses/words.ts";
import type { Ask, Engine, Outbound, ProbeResult, Reply } from "../ports.ts";

export class ResponsesThroughChat implements Engine {
  readonly kind: EngineKind;
  readonly #engine: Engine;
  /** Whether the engine has the Responses API itself, where its backend does not say otherwise. */
  readonly #speaks: boolean;
  /** What accepts() has translated, for outbound() and the next backend; gone with the call. */
  readonly #chats = new WeakMap<Call, Call>();

  constructor(engine: Engine, { speaks }: { readonly speaks: boolean }) {
    this.kind = engine.kind;
    this.#engine = engine;
    this.#speaks = speaks;
  }

  accepts(call: Call, backend: Backend): Fault | undefined {
    if (!this.#translates(call, backend)) return this.#engine.accepts(call, backend);
    try {
      const fault = this.#engine.accepts(this.#chatOf(call), backend);
      return fault === undefined ? undefined : inResponsesWords(fault);
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
  }

  outbound(call: Call, backend: Backend, request: RequestId): Outbound {
    return this.#engine.outbound(this.#translates(call, backend) ? this.#chatOf(call) : call, backend, request);
  }

  reply(call: Call, backend: Backend, request: RequestId): Reply {
    if (!this.#translates(call, backend)) return this.#engine.reply(call, backend, request);
    const told = { call, request, chat: this.#engine.reply(this.#chatOf(call), backend, request) };
    return call.stream ? new ResponseStream(told) : new ResponseAnswer(told);
  }

  probe(backend: Backend, ask: Ask): Promise<ProbeResult> {
    return this.#engine.probe(backend, ask);
  }

  #translates(call: Call, backend: Backend): boolean {
    if (wireOf(call) !== "responses") return false;
    return backend.responses === undefined ? !this.#speaks : backend.responses === "chat";
  }

  #chatOf(call: Call): Call {
    const known = this.#chats.get(call);
    if (known !== undefined) return known;
    const chat = toChat(call);
    this.#chats.set(call, chat);
    return chat;
  }
}
