/** What a broken exchange means: which fault it is, whether another backend may do better, and whether this one is ill. Pure. */
import { Fault, type FaultName } from "../faults.ts";
import type { Failure } from "../ports.ts";

/** How far an exchange had come when it broke. */
export const STAGES = ["waiting", "sent", "head", "body"] as const;
/**
 * waiting: no connection yet, nothing was sent. sent: the request is out, no byte came back.
 * head: part of the status line or headers came. body: the head was passed on.
 */
export type Stage = (typeof STAGES)[number];

export interface Break {
  readonly stage: Stage;
  /** The connection had carried an exchange before: an engine may close such a one at any moment without being ill. */
  readonly reused: boolean;
  readonly error: Error;
}

/** What a peer that closes an idle connection looks like from here. */
const CLOSED_BY_PEER: ReadonlySet<string> = new Set(["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"]);
/** The pool was taken down under the exchange. */
const POOL_GONE: ReadonlySet<string> = new Set(["UND_ERR_DESTROYED", "UND_ERR_CLOSED"]);
/** The request could not be written as HTTP: our mistake, the same everywhere. */
const OUR_MISTAKE: ReadonlySet<string> = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_NOT_SUPPORTED", "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH"]);

function codeOf(error: Error): string {
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.name;
}

function failure(name: FaultName, detail: string, judged: { elsewhere: boolean; sick: boolean; cause?: unknown }): Failure {
  return { fault: new Fault(name, { detail, cause: judged.cause }), elsewhere: judged.elsewhere, sick: judged.sick };
}

/** Judges a connection that could not be made or that broke. The error's message stays out: it may name addresses. */
export function judgeBreak({ stage, reused, error }: Break): Failure {
  const code = codeOf(error);
  if (POOL_GONE.has(code)) return failure("draining", `connection pool closed (${code})`, { elsewhere: false, sick: false });
  if (OUR_MISTAKE.has(code))
    return failure("internal", `request could not be written (${code})`, { elsewhere: false, sick: false, cause: error });
  switch (stage) {
    case "waiting":
      return failure("engine_unreachable", `no connection (${code})`, { elsewhere: true, sick: true });
    case "sent":
      if (reused && CLOSED_BY_PEER.has(code)) {
        return failure("engine_unreachable", `idle connection was closed by the engine (${code})`, { elsewhere: true, sick: false });
      }
      return failure("engine_failed", `connection broke before an answer (${code})`, { elsewhere: true, sick: true });
    case "head":
      return failure("engine_failed", `connection broke within the head (${code})`, { elsewhere: true, sick: true });
    case "body":
      return failure("engine_failed", `connection broke within the body (${code})`, { elsewhere: false, sick: true });
  }
}

/** Redirects are never followed: where the bytes go is decided by the clearance alone. */
export function redirected(status: number): Failure {
  return failure("engine_failed", `engine answered with a redirect (${String(status)})`, { elsewhere: true, sick: true });
}

/** More exchanges than the backend takes are waiting already. */
export function crowded(): Failure {
  return failure("engine_overloaded", "too many exchanges wait for this backend's connections", { elsewhere: true, sick: false });
}

/** This process is going down. */
export function closing(): Failure {
  return failure("draining", "transport closed", { elsewhere: false, sick: false });
}

/** Whoever listens to the answer threw: our mistake, so neither retried nor held against the engine. */
export function listenerThrew(cause: unknown): Failure {
  return failure("internal", "the listener of an answer threw", { elsewhere: false, sick: false, cause });
}

export type Deadline = "first byte" | "between bytes" | "total";

/** A deadline passed. A long answer that reaches the total is no sign of illness; silence is. */
export function late(deadline: Deadline): Failure {
  return failure("engine_timeout", `deadline: ${deadline}`, { elsewhere: deadline === "first byte", sick: deadline !== "total" });
}
