/** One sending to one backend: feeds the engine's bytes through its reply straight to the caller, and says once how it ended. */
import { Fault } from "../faults.ts";
import type { Failure, Listener, Reply, Upstream } from "../ports.ts";
import type { Delivery } from "./delivery.ts";

export type AttemptEnd =
  /** With a failure: the caller has its whole answer, and the engine broke before it said so. */
  | { readonly kind: "served"; readonly failure?: Failure | undefined }
  | { readonly kind: "abandoned"; readonly failure?: undefined }
  | { readonly kind: "failed"; readonly failure: Failure };

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** Bytes of an answer wait here only while it is not decided whether they may go out; see Delivery. */
export class Attempt implements Listener {
  readonly reply: Reply;
  /** Resolves with the first byte that went out, or with the end when nothing did. */
  readonly begun: Promise<AttemptEnd | undefined>;
  readonly ended: Promise<AttemptEnd>;
  readonly #delivery: Delivery;
  readonly #secret: string | undefined;
  #upstream: Upstream | undefined;
  #over = false;
  #begin!: (end: AttemptEnd | undefined) => void;
  #settle!: (end: AttemptEnd) => void;

  /** @param secret what the engine was shown to let us in; it may say it back, and must not be heard */
  constructor(reply: Reply, delivery: Delivery, secret?: string) {
    this.reply = reply;
    this.#delivery = delivery;
    this.#secret = secret;
    this.begun = new Promise((resolve) => (this.#begin = resolve));
    this.ended = new Promise((resolve) => (this.#settle = resolve));
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
    // Behind the end of an answer an engine owes nothing but the end of the connection's message.
    if (this.#over) return this.#cancel();
    this.#guard(() => this.#pass(this.reply.push(chunk)));
  }

  end(): void {
    this.#end(undefined);
  }

  /** What is whole but for its last words is served all the same: the caller has nothing to gain from an error behind it. */
  fail(failure: Failure): void {
    if (this.#over) return;
    if (this.reply.observed.finished) this.#end(failure);
    else this.#stop({ kind: "failed", failure });
  }

  /** @param broke why the engine will say no more, when it did not end in order */
  #end(broke: Failure | undefined): void {
    if (this.#over) return;
    this.#guard(() => {
      const rest = this.reply.end();
      const { failure } = this.reply;
      if (failure === undefined) this.#serve(rest, broke);
      else {
        if (rest !== undefined) this.#pass(rest);
        this.#stop({ kind: "failed", failure });
      }
    });
  }

  /** The engine may still owe the end of its stream: it is let run out, so that its connection lives on. */
  #serve(rest: Buffer | undefined, broke?: Failure): void {
    this.#over = true;
    this.#delivery.finish(rest);
    this.#upstream?.resume();
    this.#upstream?.linger?.();
    this.#conclude({ kind: "served", failure: broke });
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
      const fault = error instanceof Fault ? error : new Fault("engine_failed", { detail: wordless(error), cause: error });
      this.#stop({ kind: "failed", failure: { fault, elsewhere: true, sick: true } });
    }
  }

  #stop(end: AttemptEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancel();
    this.#conclude(end.kind === "failed" ? { kind: end.kind, failure: discreet(end.failure, this.#secret) } : end);
  }

  #cancel(): void {
    this.#upstream?.cancel();
    this.#upstream = undefined;
  }

  #conclude(end: AttemptEnd): void {
    this.#begin(end);
    this.#settle(end);
  }
}

/** The request as a whole has had its time, however little of it this attempt had. */
const LATE = (): Failure => ({ fault: new Fault("engine_timeout", { detail: "deadline: request" }), elsewhere: false, sick: false });

/** The failure without the words in which an engine gives away what it was shown. */
function discreet(failure: Failure, secret: string | undefined): Failure {
  const { fault } = failure;
  if (secret === undefined || !`${fault.message} ${fault.param ?? ""}`.includes(secret)) return failure;
  return { ...failure, fault: new Fault(fault.fault, { detail: "the engine's reason names its credential" }) };
}

/** What was thrown, for the log. Errors of a JSON parser quote what they could not read, and that is content. */
function wordless(error: unknown): string {
  return error instanceof SyntaxError ? "SyntaxError" : String(error);
}
