/** One request as it is followed: when it began and what was tried, as plain data. Its law is asked and its spans are built when it has long been answered. */
import type { Wire } from "../../domain/call.ts";
import { CAPABILITY_OF } from "../../domain/call.ts";
import type { Backend } from "../../domain/fleet.ts";
import type { Question } from "../../domain/law.ts";
import type { AttemptSpan, Clock, Failure, RequestRecord, RequestSpan } from "../../ports.ts";
import type { Parent } from "./traceparent.ts";

type Time = Pick<Clock, "monotonicMs">;

export interface Head {
  readonly wire: Wire;
  /** Unix milliseconds. */
  readonly atMs: number;
  /** Raw `Sovereignty-Require` header. */
  readonly require: string | undefined;
  readonly parent: Parent | undefined;
  /** Whether its spans are exported; its numbers always are. */
  readonly sampled: boolean;
}

export class FollowedAttempt implements AttemptSpan {
  readonly backend: Backend;
  /** Monotonic. */
  readonly startedMs: number;
  /** Monotonic; undefined: it was running when the request ended. */
  endedMs: number | undefined;
  failure: Failure | undefined;
  readonly #time: Time;

  constructor(backend: Backend, time: Time) {
    this.backend = backend;
    this.#time = time;
    this.startedMs = time.monotonicMs();
  }

  end(failure: Failure | undefined): void {
    this.endedMs = this.#time.monotonicMs();
    this.failure = failure;
  }
}

/** A request that has ended. */
export interface Finished extends Head {
  /** Monotonic. */
  readonly startedMs: number;
  readonly attempts: readonly FollowedAttempt[];
  readonly record: RequestRecord;
  /** The name under which the caller asked for the model. */
  readonly alias: string | undefined;
}

export class FollowedRequest implements RequestSpan {
  readonly #head: Head;
  readonly #time: Time;
  readonly #startedMs: number;
  readonly #attempts: FollowedAttempt[] = [];
  readonly #finished: (request: Finished) => void;

  constructor(head: Head, time: Time, finished: (request: Finished) => void) {
    this.#head = head;
    this.#time = time;
    this.#startedMs = time.monotonicMs();
    this.#finished = finished;
  }

  attempt(backend: Backend): AttemptSpan {
    const attempt = new FollowedAttempt(backend, this.#time);
    this.#attempts.push(attempt);
    return attempt;
  }

  end(record: RequestRecord, alias: string | undefined): void {
    this.#finished({ ...this.#head, startedMs: this.#startedMs, attempts: this.#attempts, record, alias });
  }
}

/** What the law is asked of it; undefined: nobody is known whose law could be asked, or no model, and then nothing of it may leave. */
export function questionOf({ record, wire, require }: Finished): Question | undefined {
  const { principal, model } = record;
  if (principal === undefined || model === undefined) return undefined;
  const { msp, tenant, project, key } = principal;
  const capability = CAPABILITY_OF[wire];
  return {
    msp: msp.id,
    tenant: tenant.id,
    project: project.id,
    key: key.id,
    model,
    capability,
    defaultClass: tenant.defaultClass,
    require,
  };
}
