/** The caller's side of one answer: status and headers are held back until the engine's first byte, so that failures before it are real statuses. */
import type { Backend } from "../domain/fleet.ts";
import type { Observed } from "../domain/usage.ts";
import type { Fault } from "../faults.ts";
import type { Brand } from "../domain/tenancy.ts";
import { errorFrame, withHelp } from "../openai/errors.ts";
import type { Clock, Exit, HeaderList } from "../ports.ts";

const NOTHING: Observed = { reported: undefined, reports: 0, frames: 0, textBytes: 0, finished: false };

export class Delivery {
  readonly #exit: Exit;
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #headers: (backend: Backend | undefined) => HeaderList;
  readonly #stream: boolean;
  readonly #brand: Brand | undefined;
  #firstByteAtMs: number | undefined;
  #gone = false;
  #ended = false;
  #backend: Backend | undefined;
  #observed: Observed = NOTHING;
  #onGone: (() => void) | undefined;
  #onDrain: (() => void) | undefined;
  #onLate: (() => void) | undefined;

  constructor(
    exit: Exit,
    clock: Pick<Clock, "monotonicMs">,
    answer: { readonly stream: boolean; readonly brand?: Brand; readonly headers: (backend: Backend | undefined) => HeaderList },
  ) {
    this.#exit = exit;
    this.#clock = clock;
    this.#headers = answer.headers;
    this.#stream = answer.stream;
    this.#brand = answer.brand;
    exit.onGone(() => {
      this.#gone = true;
      this.#onGone?.();
    });
    // An answer in one piece is never asked to wait.
    if (answer.stream) exit.onDrain(() => this.#onDrain?.());
  }

  /** The attempt that runs now: whose answer this is, and what its tap has seen. */
  from(backend: Backend, observed: Observed): void {
    this.#backend = backend;
    this.#observed = observed;
  }

  /** What the caller's answer has brought so far: nothing before the first byte, whatever an attempt has gathered. */
  get observed(): Observed {
    return this.started ? this.#observed : NOTHING;
  }

  /** Who is told when the caller leaves, can take more, or has waited too long: the attempt that runs now. */
  attach(onGone: () => void, onDrain: () => void, onLate: () => void): void {
    this.#onGone = onGone;
    this.#onDrain = onDrain;
    this.#onLate = onLate;
    if (this.#gone) onGone();
  }

  /** The request has outlived its total: each attempt has a deadline of its own, and several would add up. */
  expire(): void {
    this.#onLate?.();
  }

  get started(): boolean {
    return this.#firstByteAtMs !== undefined;
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** Monotonic; undefined while nothing has gone out. */
  get firstByteAtMs(): number | undefined {
    return this.#firstByteAtMs;
  }

  /** False: stop until drained. */
  write(bytes: Buffer): boolean {
    this.#start();
    return this.#exit.write(bytes);
  }

  finish(bytes: Buffer | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#start();
    this.#exit.end(bytes);
  }

  /** After the first byte an error can only be told in band: one last frame and no [DONE]; an answer that is not a stream is cut. */
  breakOff(fault: Fault, frameOf: (fault: Fault) => Buffer = errorFrame): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#stream) this.#exit.end(frameOf(withHelp(fault, this.#brand)));
    else this.#exit.abort();
  }

  #start(): void {
    if (this.#firstByteAtMs !== undefined) return;
    this.#firstByteAtMs = this.#clock.monotonicMs();
    this.#exit.head(200, this.#headers(this.#backend));
  }
}
