/** One sending to one backend: feeds the engine's bytes through its reply straight to the caller, and says once how it ended. */
import { Fault } from "../faults.ts";
import type { Failure, Listener, Reply, Upstream } from "../ports.ts";
import type { Delivery } from "./delivery.ts";

export type AttemptEnd =
  { readonly kind: "served" } | { readonly kind: "abandoned" } | { readonly kind: "failed"; readonly failure: Failure };

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Bytes of an answer wait here only while it is not decided whether they may go out; see Delivery. */
export class Attempt implements Listener {
  readonly reply: Reply;
  /** Resolves with the first byte that went out, or with the end when nothing did. */
  readonly begun: Promise<AttemptEnd | undefined>;
  readonly ended: Promise<AttemptEnd>;
  readonly #delivery: Delivery;
  #upstream: Upstream | undefined;
  #over = false;
  #begin!: (end: AttemptEnd | undefined) => void;
  #end!: (end: AttemptEnd) => void;

  constructor(reply: Reply, delivery: Delivery) {
    this.reply = reply;
    this.#delivery = delivery;
    this.begun = new Promise((resolve) => (this.#begin = resolve));
    this.ended = new Promise((resolve) => (this.#end = resolve));
  }

  /** Called once, with what transport.send returned: the engine may have failed already. */
  attach(upstream: Upstream): void {
    this.#upstream = upstream;
    if (this.#over) return upstream.cancel();
    this.#delivery.attach(
      () => this.#stop({ kind: "abandoned" }),
      () => upstream.resume(),
      () => this.fail(LATE()),
    );
  }

  head(status: number, headers: Headers): void {
    if (this.#over) return;
    this.#guard(() => this.reply.head(status, headers));
  }

  data(chunk: Buffer): void {
    if (this.#over) return;
    this.#guard(() => this.#pass(this.reply.push(chunk)));
  }

  end(): void {
    if (this.#over) return;
    this.#guard(() => {
      const rest = this.reply.end();
      const { failure } = this.reply;
      if (failure === undefined) this.#serve(rest);
      else {
        if (rest !== undefined) this.#pass(rest);
        this.#stop({ kind: "failed", failure });
      }
    });
  }

  fail(failure: Failure): void {
    if (!this.#over) this.#stop({ kind: "failed", failure });
  }

  /** The engine may still owe the end of its stream: it is let run out, so that its connection lives on. */
  #serve(rest: Buffer | undefined): void {
    this.#over = true;
    this.#delivery.finish(rest);
    this.#upstream?.resume();
    this.#conclude({ kind: "served" });
  }

  #pass(bytes: Buffer | undefined): void {
    if (this.reply.done === true) return this.#serve(bytes);
    if (bytes !== undefined) {
      const first = !this.#delivery.started;
      if (!this.#delivery.write(bytes)) this.#upstream?.pause();
      if (first) this.#begin(undefined);
    }
    const { failure } = this.reply;
    if (failure !== undefined && !this.#over) this.#stop({ kind: "failed", failure });
  }

  /** A reply that throws has met something that no rule covers: the engine's answer is not trusted any further. */
  #guard(step: () => void): void {
    try {
      step();
    } catch (error) {
      const fault = error instanceof Fault ? error : new Fault("engine_failed", { detail: String(error), cause: error });
      this.#stop({ kind: "failed", failure: { fault, elsewhere: true, sick: true } });
    }
  }

  #stop(end: AttemptEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#upstream?.cancel();
    this.#conclude(end);
  }

  #conclude(end: AttemptEnd): void {
    this.#begin(end);
    this.#end(end);
  }
}

/** The request as a whole has had its time, however little of it this attempt had. */
const LATE = (): Failure => ({ fault: new Fault("engine_timeout", { detail: "deadline: request" }), elsewhere: false, sick: false });
