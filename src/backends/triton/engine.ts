/**
 * Triton with the vLLM backend: one text in, frames out. Always over generate_stream, since Triton notices a caller who leaves
 * only there; a call without a stream is gathered by the reply.
 */
import type { Call } from "../../domain/call.ts";
import type { Backend, ServedModel } from "../../domain/fleet.ts";
import type { RequestId } from "../../domain/ids.ts";
import { Fault } from "../../faults.ts";
import type { Ask, Engine, Outbound, ProbeResult, Reply } from "../../ports.ts";
import { outboundHeaders, servedBy } from "../outbound.ts";
import { isRecord, TemplateCache, unsupported, wrongType } from "./prompt.ts";
import { TritonReply } from "./reply.ts";
import { samplingParameters } from "./sampling.ts";

/** A call as Triton can take it, for one served model. */
interface Prepared {
  readonly served: ServedModel;
  readonly text: string;
  readonly sampling: string;
}

const OK = 200;

export class TritonEngine implements Engine {
  readonly kind = "triton";
  readonly #templates = new TemplateCache();
  /** What accepts() worked out, for outbound(); gone with the call. */
  readonly #prepared = new WeakMap<Call, Prepared>();

  accepts(call: Call, backend: Backend): Fault | undefined {
    const served = backend.models.get(call.alias.model);
    if (served === undefined) return new Fault("model_not_found");
    // Triton does not decode its paths: such a name cannot be written at all.
    if (encodeURIComponent(served.servedName) !== served.servedName) return unsupported("model");
    try {
      this.#prepare(call, served);
      return undefined;
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
  }

  /** @throws Fault when accepts() would have refused */
  outbound(call: Call, backend: Backend, request: RequestId): Outbound {
    const served = servedBy(backend, call);
    const { text, sampling } = this.#prepare(call, served);
    const body = JSON.stringify({
      id: request,
      text_input: text,
      stream: true,
      exclude_input_in_output: true,
      sampling_parameters: sampling,
      return_finish_reason: true,
      return_num_input_tokens: true,
      return_num_output_tokens: true,
    });
    const path = `/v2/models/${served.servedName}/generate_stream`;
    return { method: "POST", path, headers: outboundHeaders(backend, request), body: Buffer.from(body) };
  }

  reply(call: Call, backend: Backend, request: RequestId): Reply {
    return new TritonReply(call, request, servedBy(backend, call).servedName);
  }

  /** Model by model: the server's own readiness turns false for all when any one of them is loaded or unloaded. */
  async probe(backend: Backend, ask: Ask): Promise<ProbeResult> {
    const names = [...new Set([...backend.models.values()].map((served) => served.servedName))];
    const states = await Promise.all(names.map((name) => ask("GET", `/v2/models/${name}/ready`)));
    return { ready: new Set(names.filter((_, at) => states[at]?.status === OK)), load: undefined };
  }

  #prepare(call: Call, served: ServedModel): Prepared {
    const known = this.#prepared.get(call);
    if (known?.served === served) return known;
    if (call.capability !== "chat" && call.capability !== "completions") throw unsupported("model");
    const body = parse(call);
    const made = { served, text: this.#text(call, served, body), sampling: samplingParameters(call, served.model, body) };
    this.#prepared.set(call, made);
    return made;
  }

  #text(call: Call, served: ServedModel, body: Readonly<Record<string, unknown>>): string {
    if (call.capability === "completions") return promptOf(body["prompt"]);
    if (served.chatTemplate === undefined) throw unsupported("messages");
    return this.#templates.render(served.chatTemplate, body["messages"]);
  }
}

function parse(call: Call): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(call.body.toString("utf8"));
  } catch {
    throw new Fault("invalid_json");
  }
  if (!isRecord(value)) throw new Fault("invalid_json");
  return value;
}

/** One text; several prompts in one call, or token ids, cannot be said to generate. */
function promptOf(prompt: unknown): string {
  if (typeof prompt === "string") return prompt;
  const list: readonly unknown[] = Array.isArray(prompt) ? prompt : [];
  const [first] = list;
  if (list.length === 1 && typeof first === "string") return first;
  if (list.length === 0) throw wrongType("prompt", "a string");
  throw unsupported("prompt");
}
