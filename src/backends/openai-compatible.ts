/** Every engine that speaks OpenAI's wire, vLLM first: the differences are in its dialect, the reading of answers in src/openai. */
import { wireOf, type Call } from "../domain/call.ts";
import type { Backend, EngineKind } from "../domain/fleet.ts";
import type { RequestId } from "../domain/ids.ts";
import { Fault } from "../faults.ts";
import { StreamRelay } from "../openai/chat-stream.ts";
import { JsonReply } from "../openai/json-reply.ts";
import { nativeReply } from "../openai/responses/native.ts";
import type { Ask, Engine, Outbound, ProbeResult, Reply } from "../ports.ts";
import type { Dialect } from "./dialect.ts";
import { outboundBody, outboundHeaders, servedBy } from "./outbound.ts";
import { probeOpenAi } from "./probe.ts";

export class OpenAiCompatibleEngine implements Engine {
  readonly kind: EngineKind;
  readonly #dialect: Dialect;

  constructor(dialect: Dialect) {
    this.kind = dialect.kind;
    this.#dialect = dialect;
  }

  accepts(call: Call, backend: Backend): Fault | undefined {
    if (!backend.models.has(call.alias.model)) return new Fault("model_not_found");
    if (this.#dialect.routes[wireOf(call)] === undefined) {
      return new Fault("unsupported_parameter", { text: "This model is not available at this endpoint.", param: "model" });
    }
    for (const name of this.#dialect.reserved) {
      if (call.fields.has(name)) return new Fault("unsupported_parameter", { text: `Unsupported parameter: '${name}'.`, param: name });
    }
    return undefined;
  }

  outbound(call: Call, backend: Backend, request: RequestId): Outbound {
    const path = this.#dialect.routes[wireOf(call)];
    if (path === undefined) throw new Error(`${this.kind} has no route for ${wireOf(call)}`);
    const body = outboundBody(call, servedBy(backend, call).servedName, this.#dialect);
    return { method: "POST", path, headers: outboundHeaders(backend, request), ...body, comesWhole: !call.stream };
  }

  reply(call: Call, backend: Backend, request: RequestId): Reply {
    const { servedName } = servedBy(backend, call);
    if (wireOf(call) === "responses") return nativeReply(call, request, servedName);
    return call.stream ? new StreamRelay(call, request, servedName) : new JsonReply(call, request, servedName);
  }

  async probe(_backend: Backend, ask: Ask): Promise<ProbeResult> {
    return probeOpenAi(this.#dialect, ask);
  }
}
