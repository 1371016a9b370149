/**
 * Triton: text in and frames out for its kinds of language models, tensors in and out for embeddings. Text goes over generate_stream always,
 * since Triton notices a caller who leaves only there; a call without a stream is gathered by the reply.
 */
import { BOUNDS } from "../../bounds.ts";
import type { Call } from "../../domain/call.ts";
import type { Backend, ServedModel } from "../../domain/fleet.ts";
import type { RequestId } from "../../domain/ids.ts";
import { Fault } from "../../faults.ts";
import type { Ask, Engine, Outbound, ProbeResult, Reply } from "../../ports.ts";
import { outboundHeaders, servedBy } from "../outbound.ts";
import { unsupported } from "./body.ts";
import { Draft, type EmbeddingJob, type Job } from "./draft.ts";
import { EmbeddingReply } from "./embedding-reply.ts";
import { TemplateCache } from "./prompt.ts";
import { readyModels } from "./readiness.ts";
import { TritonReply } from "./reply.ts";
import { Shapes } from "./shapes.ts";
import { inferBody } from "./tensors.ts";

export class TritonEngine implements Engine {
  readonly kind = "triton";
  readonly #templates = new TemplateCache();
  readonly #shapes = new Shapes();
  /** What accepts() worked out, for outbound() and reply(); gone with the call. */
  readonly #drafts = new WeakMap<Call, Draft>();

  accepts(call: Call, backend: Backend): Fault | undefined {
    const served = backend.models.get(call.alias.model);
    if (served === undefined) return new Fault("model_not_found");
    if (call.capability === "tokenize" || call.capability === "rerank" || !isPlain(served.servedName)) return unsupported("model");
    if (call.capability === "chat" && served.chatTemplate === undefined) return unsupported("messages");
    try {
      this.#job(call, backend, served);
      return undefined;
    } catch (error) {
      if (error instanceof Fault) return error;
      throw error;
    }
  }

  /** @throws Fault when accepts() would have refused */
  outbound(call: Call, backend: Backend, request: RequestId): Outbound {
    const served = servedBy(backend, call);
    const job = this.#job(call, backend, served);
    const path = `/v2/models/${served.servedName}`;
    if (job.kind === "embedding") return embeddingOutbound(job, backend, { path: `${path}/infer`, request });
    const body = Buffer.from(JSON.stringify({ id: request, ...job.inputs }));
    return {
      method: "POST",
      path: `${path}/generate_stream`,
      headers: outboundHeaders(backend, request),
      body,
      comesWhole: job.comesWhole,
    };
  }

  reply(call: Call, backend: Backend, request: RequestId): Reply {
    const served = servedBy(backend, call);
    const job = this.#job(call, backend, served);
    if (job.kind === "generate") return new TritonReply(call, request, served.servedName, job.plan);
    return new EmbeddingReply(call, request, served.servedName, { shape: job.shape, rows: job.request.rows, base64: job.base64 });
  }

  /** Looks at each model that is ready and has not been seen: one that is of no kind to be served counts as not ready. */
  async probe(backend: Backend, ask: Ask): Promise<ProbeResult> {
    const served = [...backend.models.values()].filter(({ servedName }) => isPlain(servedName));
    const ready = new Set(await readyModels(ask, [...new Set(served.map(({ servedName }) => servedName))]));
    for (const { servedName } of served) if (!ready.has(servedName)) this.#shapes.forget(backend, servedName);
    const looked = await Promise.all(
      served.map(async (each) => ready.has(each.servedName) && (await this.#shapes.look(backend, each, ask)) && each.servedName),
    );
    return { ready: new Set(looked.filter((name) => name !== false)), load: undefined };
  }

  #job(call: Call, backend: Backend, served: ServedModel): Job {
    const shape = this.#shapes.of(backend, served);
    if (shape === undefined) throw notSeen();
    let draft = this.#drafts.get(call);
    if (draft === undefined) {
      draft = new Draft(call, this.#templates);
      this.#drafts.set(call, draft);
    }
    return draft.job(served, shape);
  }
}

/** Its tensors are found out by the next probe; to guess them would send what the model silently ignores. */
function notSeen(): Fault {
  return new Fault("engine_overloaded", {
    text: "The model is not ready yet. Retry.",
    retryAfterMs: BOUNDS.retryAfterDefaultMs,
    detail: "triton: the model has not been seen, or is of no kind that can be served",
  });
}

/** Triton does not decode its paths: another name cannot be written at all. */
function isPlain(servedName: string): boolean {
  return encodeURIComponent(servedName) === servedName;
}

interface Target {
  readonly path: string;
  readonly request: RequestId;
}

function embeddingOutbound({ request: { inputs, outputs } }: EmbeddingJob, backend: Backend, { path, request }: Target): Outbound {
  const { body, jsonBytes } = inferBody(request, inputs, outputs);
  const headers = outboundHeaders(backend, request);
  return {
    method: "POST",
    path,
    headers: [
      ...headers.with(headers.indexOf("content-type") + 1, "application/octet-stream"),
      "inference-header-content-length",
      String(jsonBytes),
    ],
    body,
    comesWhole: true,
  };
}
