/**
 * When a simulated engine says its next token: continuous batching on an injected clock. Each step prefills what was admitted and
 * gives every running sequence one token; what does not fit waits, and a cache that runs full sends the youngest back to the queue.
 */
import type { Clock, Random, Stop } from "../ports.ts";
import { type BlockLease, BlockPool } from "./blocks.ts";

export interface EngineProfile {
  /** Time of one prompt token that is not in the cache, in milliseconds. */
  readonly prefillMsPerToken: number;
  /** Time of one decoding step for one sequence, in milliseconds. */
  readonly decodeMsPerToken: number;
  /** How much a step slows down for each further sequence in the batch; 0.02 is 2 percent. */
  readonly batchSlowdown: number;
  /** A step takes its time, plus or minus up to this share of it. */
  readonly jitterRatio: number;
  /** Sequences in one batch at most (vLLM: max_num_seqs). */
  readonly sequencesMax: number;
  /** Requests waiting at most; the next one is refused. */
  readonly waitingMax: number;
  readonly blocks: number;
  readonly blockTokens: number;
}

export const DEFAULT_PROFILE: EngineProfile = {
  prefillMsPerToken: 0.2,
  decodeMsPerToken: 12,
  batchSlowdown: 0.02,
  jitterRatio: 0.1,
  sequencesMax: 64,
  waitingMax: 1_024,
  blocks: 4_096,
  blockTokens: 16,
};

/** One sequence to generate. */
export interface Job {
  readonly prompt: readonly number[];
  /** Sequences under different salts share no cache. */
  readonly salt: number;
  /** Tokens to generate, at least 1. */
  readonly tokens: number;
  /** The prompt is in; `cachedTokens` of it came from the cache. Once, before the first token. */
  readonly started: (cachedTokens: number) => void;
  /** One more token; the last one comes with `last`. */
  readonly token: (index: number, last: boolean) => void;
}

/** Totals since the start. */
export interface EngineTotals {
  promptTokens: number;
  cachedTokens: number;
  generatedTokens: number;
  finished: number;
  cancelled: number;
  rejected: number;
  preemptions: number;
}

/** A sequence on its way through the engine. */
class Sequence {
  readonly job: Job;
  produced = 0;
  started = false;
  lease: BlockLease | undefined;

  constructor(job: Job) {
    this.job = job;
  }
}

export class EngineModel {
  readonly profile: EngineProfile;
  readonly totals: EngineTotals = {
    promptTokens: 0,
    cachedTokens: 0,
    generatedTokens: 0,
    finished: 0,
    cancelled: 0,
    rejected: 0,
    preemptions: 0,
  };
  readonly #clock: Pick<Clock, "after">;
  readonly #random: Pick<Random, "unit">;
  readonly #pool: BlockPool;
  readonly #waiting: Sequence[] = [];
  readonly #running: Sequence[] = [];
  #step: Stop | undefined;
  #paused = false;

  constructor(options: { readonly clock: Pick<Clock, "after">; readonly random: Pick<Random, "unit">; readonly profile: EngineProfile }) {
    this.profile = options.profile;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#pool = new BlockPool(options.profile);
  }

  get running(): number {
    return this.#running.length;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Share of the KV cache in use, 0 to 1. */
  get kvUse(): number {
    return this.#pool.use;
  }

  get paused(): boolean {
    return this.#paused;
  }

  /** True when so many more sequences would exceed the queue. */
  full(sequences: number): boolean {
    const room = this.profile.sequencesMax - this.#running.length;
    return this.#waiting.length + sequences - Math.max(0, room) > this.profile.waitingMax;
  }

  /** Takes a sequence in. @returns how to cancel it, which frees what it holds at once; undefined when the queue is full */
  submit(job: Job): Stop | undefined {
    if (this.full(1)) {
      this.totals.rejected += 1;
      return undefined;
    }
    const sequence = new Sequence(job);
    this.#waiting.push(sequence);
    this.#schedule();
    return () => this.#cancel(sequence);
  }

  /** True: nothing moves until it is called with false. What was generated so far stands. */
  rest(still: boolean): void {
    if (still === this.#paused) return;
    this.#paused = still;
    this.#step?.();
    this.#step = undefined;
    this.#schedule();
  }

  #cancel(sequence: Sequence): void {
    if (!remove(this.#running, sequence) && !remove(this.#waiting, sequence)) return;
    this.#free(sequence);
    this.totals.cancelled += 1;
  }

  #schedule(): void {
    if (this.#paused || this.#step !== undefined) return;
    const prefill = this.#admit();
    if (this.#running.length === 0) return;
    const { prefillMsPerToken, decodeMsPerToken, batchSlowdown, jitterRatio } = this.profile;
    const decode = decodeMsPerToken * (1 + batchSlowdown * (this.#running.length - 1));
    const jitter = 1 + jitterRatio * (2 * this.#random.unit() - 1);
    this.#step = this.#clock.after((prefill * prefillMsPerToken + decode) * jitter, () => this.#finishStep());
  }

  /** Moves the queue's head into the batch while there is room. @returns prompt tokens to compute */
  #admit(): number {
    let prefill = 0;
    while (this.#running.length < this.profile.sequencesMax) {
      const next = this.#waiting[0];
      if (next === undefined) break;
      next.lease = this.#pool.lease(next.job.prompt, next.job.salt);
      if (next.lease === undefined && this.#running.length > 0) break;
      this.#waiting.shift();
      this.#running.push(next);
      prefill += this.#begin(next);
    }
    return prefill;
  }

  #begin(sequence: Sequence): number {
    const cached = sequence.lease?.hitTokens ?? 0;
    const { length } = sequence.job.prompt;
    if (!sequence.started) {
      sequence.started = true;
      this.totals.promptTokens += length;
      this.totals.cachedTokens += cached;
      sequence.job.started(cached);
    }
    return length - cached + sequence.produced;
  }

  #finishStep(): void {
    this.#step = undefined;
    for (const sequence of [...this.#running]) {
      // A token handed out a moment ago may have made its client leave, or have sent others back to the queue.
      if (this.#running.includes(sequence)) this.#advance(sequence);
    }
    this.#schedule();
  }

  #advance(sequence: Sequence): void {
    const { job, lease } = sequence;
    const position = job.prompt.length + sequence.produced;
    while (lease !== undefined && !this.#pool.grow(lease, position)) {
      const youngest = this.#running.at(-1);
      // Alone and still without room: the answer is as long as the cache is wide.
      if (youngest === undefined || this.#running.length === 1) break;
      this.#preempt(youngest);
      if (youngest === sequence) return;
    }
    const index = sequence.produced;
    sequence.produced += 1;
    this.totals.generatedTokens += 1;
    const last = sequence.produced >= job.tokens;
    if (last) {
      remove(this.#running, sequence);
      this.#free(sequence);
      this.totals.finished += 1;
    }
    job.token(index, last);
  }

  #preempt(sequence: Sequence): void {
    remove(this.#running, sequence);
    this.#free(sequence);
    this.#waiting.unshift(sequence);
    this.totals.preemptions += 1;
  }

  #free(sequence: Sequence): void {
    if (sequence.lease !== undefined) this.#pool.release(sequence.lease);
    sequence.lease = undefined;
  }
}

function remove(list: Sequence[], sequence: Sequence): boolean {
  const at = list.indexOf(sequence);
  if (at >= 0) list.splice(at, 1);
  return at >= 0;
}
