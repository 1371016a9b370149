/** What is known of the backends now: probes, requests in flight, answers. Decisions read it as snapshots, one candidate each. */
import { BOUNDS } from "../bounds.ts";
import type { Backend } from "../domain/fleet.ts";
import type { BackendId, ModelId } from "../domain/ids.ts";
import type { Clock, Load, ProbeResult } from "../ports.ts";
import { Breaker } from "./breaker.ts";
import type { BreakerState } from "./breaker.ts";

/** One backend for one model at one moment. */
export interface Candidate {
  readonly backend: Backend;
  readonly state: "up" | "down" | "breaker-open" | "full" | "model-not-ready";
  readonly inFlight: number;
  /** undefined: never told, or older than loadStaleMs. */
  readonly load: Load | undefined;
  /** Milliseconds from sending to the first byte, newer requests counting more; undefined: nothing fresh. */
  readonly firstByteMsEwma: number | undefined;
  /** What the operator asks for the request at hand, in micro-units; absent: not told. */
  readonly price?: number | undefined;
}

/** Tokens that a request is expected to take. */
export interface ExpectedTokens {
  readonly prompt: number;
  readonly completion: number;
}

const ONE_OF_EACH: ExpectedTokens = { prompt: 1, completion: 1 };

/** A backend as metrics and the admin API show it. */
export interface FleetRow {
  readonly backend: BackendId;
  readonly up: boolean;
  readonly inFlight: number;
  readonly load: Load | undefined;
  readonly models: readonly {
    readonly model: ModelId;
    readonly ready: boolean;
    readonly breaker: BreakerState;
    readonly firstByteMsEwma: number | undefined;
  }[];
}

/** Share of the newest measurement in the moving average. */
const NEWEST_SHARE = 0.2;

/** One model on one backend. */
interface Track {
  ready: boolean;
  readonly breaker: Breaker;
  firstByteMs: number | undefined;
  firstByteAtMs: number;
}

interface Entry {
  backend: Backend;
  inFlight: number;
  probesFailed: number;
  load: Load | undefined;
  loadAtMs: number;
  readonly tracks: Map<ModelId, Track>;
}

export class Fleet {
  readonly #clock: Pick<Clock, "monotonicMs">;
  #entries: ReadonlyMap<BackendId, Entry> = new Map();

  constructor(clock: Pick<Clock, "monotonicMs">) {
    this.#clock = clock;
  }

  /** Takes a new set of backends. What is known of an id that stays is kept, unless it now names another endpoint. */
  reset(backends: Iterable<Backend>): void {
    const entries = new Map<BackendId, Entry>();
    for (const backend of backends) entries.set(backend.id, renewed(backend, this.#entries.get(backend.id)));
    this.#entries = entries;
  }

  /** The outcome of a probe; undefined: it failed. One good probe marks up, probesFailedMax bad ones in a row mark down. */
  probed(id: BackendId, result: ProbeResult | undefined): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    if (result === undefined) {
      entry.probesFailed += 1;
      return;
    }
    const nowMs = this.#clock.monotonicMs();
    if (entry.probesFailed > 0) for (const track of entry.tracks.values()) track.breaker.revived(nowMs);
    entry.probesFailed = 0;
    entry.load = result.load;
    entry.loadAtMs = nowMs;
    for (const [model, track] of entry.tracks) track.ready = isReady(entry.backend, model, result);
  }

  /** A request is being sent. Without a model every breaker of the backend that waits for a trial takes it for one. */
  begin(id: BackendId, model?: ModelId): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    entry.inFlight += 1;
    const nowMs = this.#clock.monotonicMs();
    if (model !== undefined) entry.tracks.get(model)?.breaker.began(nowMs);
    else for (const track of entry.tracks.values()) track.breaker.began(nowMs);
  }

  /** A request has ended, whatever came of it. Requests of a backend that left and came back may end once too often: never below 0. */
  end(id: BackendId): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined && entry.inFlight > 0) entry.inFlight -= 1;
  }

  /** An answer has begun; how it ends will be said as well. */
  answered(id: BackendId, model: ModelId): void {
    this.#entries.get(id)?.tracks.get(model)?.breaker.answered();
  }

  /** An answer began firstByteMs after its request was sent. */
  succeeded(id: BackendId, model: ModelId, firstByteMs: number): void {
    const track = this.#entries.get(id)?.tracks.get(model);
    if (track === undefined) return;
    const nowMs = this.#clock.monotonicMs();
    track.breaker.succeeded(nowMs);
    const known = freshFirstByteMs(track, nowMs);
    track.firstByteMs = known === undefined ? firstByteMs : known + (firstByteMs - known) * NEWEST_SHARE;
    track.firstByteAtMs = nowMs;
  }

  /** A request failed; `sick`: through the backend's fault. */
  failed(id: BackendId, model: ModelId, sick: boolean): void {
    const breaker = this.#entries.get(id)?.tracks.get(model)?.breaker;
    if (sick) breaker?.failed(this.#clock.monotonicMs());
    else breaker?.released(this.#clock.monotonicMs());
  }

  /** What routing may know of a backend. One that the fleet does not hold is down; one that was never probed is up. */
  candidate(backend: Backend, model: ModelId, tokens: ExpectedTokens = ONE_OF_EACH): Candidate {
    const entry = this.#entries.get(backend.id);
    if (entry === undefined) return { backend, state: "down", inFlight: 0, load: undefined, firstByteMsEwma: undefined };
    const nowMs = this.#clock.monotonicMs();
    const track = entry.tracks.get(model);
    return {
      backend,
      state: stateOf(entry, track, nowMs),
      inFlight: entry.inFlight,
      load: freshLoad(entry, nowMs),
      firstByteMsEwma: track === undefined ? undefined : freshFirstByteMs(track, nowMs),
      price: priceOf(backend, model, tokens),
    };
  }

  /** Everything that is known, for metrics. */
  snapshot(): readonly FleetRow[] {
    const nowMs = this.#clock.monotonicMs();
    return Array.from(this.#entries.values(), (entry) => ({
      backend: entry.backend.id,
      up: entry.probesFailed < BOUNDS.probesFailedMax,
      inFlight: entry.inFlight,
      load: freshLoad(entry, nowMs),
      models: Array.from(entry.tracks, ([model, track]) => ({
        model,
        ready: track.ready,
        breaker: track.breaker.state,
        firstByteMsEwma: freshFirstByteMs(track, nowMs),
      })),
    }));
  }
}

function renewed(backend: Backend, old: Entry | undefined): Entry {
  const same = old !== undefined && old.backend.baseUrl === backend.baseUrl && old.backend.engine === backend.engine;
  const tracks = new Map<ModelId, Track>();
  for (const [model, served] of backend.models) {
    const keeps = same && old.backend.models.get(model)?.servedName === served.servedName;
    tracks.set(model, (keeps ? old.tracks.get(model) : undefined) ?? newTrack());
  }
  return {
    backend,
    inFlight: old?.inFlight ?? 0,
    probesFailed: same ? old.probesFailed : 0,
    load: same ? old.load : undefined,
    loadAtMs: same ? old.loadAtMs : 0,
    tracks,
  };
}

function newTrack(): Track {
  return { ready: true, breaker: new Breaker(), firstByteMs: undefined, firstByteAtMs: 0 };
}

/** Engines speak of models by their own names. */
function isReady(backend: Backend, model: ModelId, result: ProbeResult): boolean {
  const served = backend.models.get(model);
  return result.ready === undefined || (served !== undefined && result.ready.has(served.servedName));
}

function stateOf(entry: Entry, track: Track | undefined, nowMs: number): Candidate["state"] {
  if (entry.probesFailed >= BOUNDS.probesFailedMax) return "down";
  if (track === undefined || !track.ready) return "model-not-ready";
  if (!track.breaker.allows(nowMs)) return "breaker-open";
  return entry.inFlight >= entry.backend.concurrencyMax ? "full" : "up";
}

function freshLoad(entry: Entry, nowMs: number): Load | undefined {
  return nowMs - entry.loadAtMs <= BOUNDS.loadStaleMs ? entry.load : undefined;
}

function priceOf(backend: Backend, model: ModelId, { prompt, completion }: ExpectedTokens): number | undefined {
  const wholesale = backend.models.get(model)?.wholesale;
  if (wholesale === undefined) return undefined;
  return (prompt * wholesale.inputMicroPerMillion + completion * wholesale.outputMicroPerMillion) / 1e6;
}

/** An old measurement is forgotten, or a backend that was slow once would never be tried again. */
function freshFirstByteMs(track: Track, nowMs: number): number | undefined {
  return nowMs - track.firstByteAtMs <= BOUNDS.firstByteStaleMs ? track.firstByteMs : undefined;
}
