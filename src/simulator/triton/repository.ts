/** Which models a simulated Triton has, and which of them are loaded. */
import { modelOf, type ModelSpec, type SimulatedModel } from "./models.ts";
import { TritonError } from "./replies.ts";

interface Entry {
  readonly model: SimulatedModel;
  /** Undefined: never loaded, so that the index knows no more than the name. */
  state: "READY" | "UNAVAILABLE" | undefined;
  succeeded: number;
}

export class Repository {
  readonly #entries = new Map<string, Entry>();
  #disturbed = false;

  constructor(loaded: readonly ModelSpec[], unloaded: readonly ModelSpec[]) {
    const models = [...loaded, ...unloaded].map(modelOf).sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const model of models) this.#entries.set(model.name, { model, state: undefined, succeeded: 0 });
    for (const spec of loaded) this.load(modelOf(spec).name);
  }

  /** The server's own readiness: lost for good with the first explicit unload, although other models serve. */
  get ready(): boolean {
    return !this.#disturbed;
  }

  isReady(name: string): boolean {
    return this.#entries.get(name)?.state === "READY";
  }

  /** @throws TritonError 404 for a model that does not serve */
  model(name: string): SimulatedModel {
    const entry = this.#entries.get(name);
    if (entry?.state === "READY") return entry.model;
    throw new TritonError(404, `Request for unknown model: '${name}' is not found`);
  }

  /** @throws TritonError 500 for a name that the repository does not have */
  load(name: string): void {
    const entry = this.#entries.get(name);
    if (entry === undefined) throw new TritonError(500, `failed to load '${name}', failed to poll from model repository`);
    entry.state = "READY";
  }

  unload(name: string): void {
    this.#disturbed = true;
    const entry = this.#entries.get(name);
    if (entry?.state === "READY") entry.state = "UNAVAILABLE";
  }

  /** One more request that ended; cancelled and failed streams count too, as they do on a real one. */
  count(name: string): void {
    const entry = this.#entries.get(name);
    if (entry !== undefined) entry.succeeded += 1;
  }

  index(readyOnly: boolean): unknown {
    const entries = [...this.#entries].filter(([, { state }]) => !readyOnly || state === "READY");
    return entries.map(([name, { state }]) => {
      if (state === undefined) return { name };
      return { name, version: "1", state, ...(state === "UNAVAILABLE" ? { reason: "unloaded" } : {}) };
    });
  }

  /** @throws TritonError 400 for a model that does not serve; all models without a name */
  stats(name: string | undefined): unknown {
    if (name !== undefined && !this.isReady(name)) {
      throw new TritonError(400, `requested model '${name}' is not available`);
    }
    const wanted = [...this.#entries].filter(([one, { state }]) => state === "READY" && (name === undefined || one === name));
    return { model_stats: wanted.map(([one, entry]) => statsOf(one, entry)) };
  }
}

const NOTHING = { count: 0, ns: 0 } as const;

function statsOf(name: string, { succeeded }: Entry): unknown {
  const some = { count: succeeded, ns: succeeded * 1_400_000 };
  const inference_stats = {
    success: some,
    fail: NOTHING,
    queue: { count: succeeded, ns: 0 },
    compute_input: { count: succeeded, ns: 0 },
    compute_infer: some,
    compute_output: { count: succeeded, ns: 0 },
    cache_hit: NOTHING,
    cache_miss: NOTHING,
  };
  const counts = { last_inference: 0, inference_count: succeeded, execution_count: succeeded };
  return { name, version: "1", ...counts, inference_stats, response_stats: {}, batch_stats: [], memory_usage: [] };
}
