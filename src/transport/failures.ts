/** What a broken exchange means: which fault it is, whether another backend may do better, and whether this one is ill. Pure. */
import { Fault, type FaultName } from "../faults.ts";
import type { Failure } from "../ports.ts";
import type { WireCode } from "./wire-error.ts";

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
const CLOSED_BY_PEER: ReadonlySet<string> = new Set<string>(["WIRE_CLOSED" satisfies WireCode, "ECONNRESET", "EPIPE"]);
/** The request could not be written as HTTP: our mistake, the same everywhere. */
const OUR_MISTAKE: WireCode = "WIRE_UNWRITABLE";
/** The connections were taken down under the exchange. */
const RETIRED: WireCode = "WIRE_RETIRED";

function codeOf(error: Error): string {
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.name;
}

function failure(name: FaultName, detail: string, judged: { elsewhere: boolean; sick: boolean; cause?: unknown }): Failure {
  return { fault: new Fault(name, { detail, cause: judged.cause }), elsewhere: judged.elsewhere, sick: judged.sick };
}

/** No answer came, and none will: the engine does not work on the request. */
function lost(name: FaultName, detail: string, sick = true): Failure {
  return { ...failure(name, detail, { elsewhere: true, sick }), lost: true };
}

/** Judges a connection that could not be made or that broke. The error's message stays out: it may name addresses. */
export function judgeBreak({ stage, reused, error }: Break): Failure {
  const code = codeOf(error);
  if (code === RETIRED) return failure("draining", `connections closed (${code})`, { elsewhere: false, sick: false });
  if (code === OUR_MISTAKE)
    return failure("internal", `request could not be written (${code})`, { elsewhere: false, sick: false, cause: error });
  switch (stage) {
    case "waiting":
      return lost("engine_unreachable", `no connection (${code})`);
    case "sent":
      if (reused && CLOSED_BY_PEER.has(code)) {
        return lost("engine_unreachable", `idle connection was closed by the engine (${code})`, false);
      }
      return lost("engine_failed", `connection broke before an answer (${code})`);
    case "head":
      return lost("engine_failed", `connection broke within the head (${code})`);
    case "body":
      // Whether the caller has any of it is not known here; whoever knows sends nothing twice.
      return lost("engine_failed", `connection broke within the body (${code})`);
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

/** A deadline passed. A long answer that reaches the total is no sign of illness, and nobody else has time left for it; silence is. */
export function late(deadline: Deadline): Failure {
  return failure("engine_timeout", `deadline: ${deadline}`, { elsewhere: deadline !== "total", sick: deadline !== "total" });
}
