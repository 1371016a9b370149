/** Judges an engine's error answer: whose fault it is, whether another backend may do better, and what the caller may read of it. */
import { BOUNDS } from "../bounds.ts";
import { Fault, type FaultName } from "../faults.ts";
import type { Failure } from "../ports.ts";
import { readError } from "./engine-message.ts";
import { publicRefusal, type Names } from "./refusal.ts";

export interface EngineError {
  /** HTTP status, or the code of an in-band error. */
  readonly status: number;
  /** What the engine said, any form, perhaps cut; empty when it said nothing. */
  readonly body: Buffer;
  /** Milliseconds the engine asks to wait; undefined: it did not say. */
  readonly retryAfterMs: number | undefined;
}

interface Judgement {
  readonly fault: FaultName;
  readonly elsewhere: boolean;
  readonly sick: boolean;
}

const MISCONFIGURED: Judgement = { fault: "engine_failed", elsewhere: true, sick: true };
const BUSY: Judgement = { fault: "engine_overloaded", elsewhere: true, sick: false };
const ODD: Judgement = { fault: "engine_failed", elsewhere: true, sick: false };

/** Statuses at which the request itself may be to blame; everything else is between us and the engine. */
const REFUSALS: ReadonlySet<number> = new Set([400, 422]);

const JUDGEMENTS: ReadonlyMap<number, Judgement> = new Map([
  [401, MISCONFIGURED],
  [403, MISCONFIGURED],
  [404, MISCONFIGURED],
  [405, MISCONFIGURED],
  [408, BUSY],
  [413, { fault: "body_too_large", elsewhere: true, sick: false }],
  [429, BUSY],
  [503, BUSY],
  [504, { fault: "engine_timeout", elsewhere: true, sick: true }],
]);

/** Turns any status outside 2xx, or an error inside a 2xx, into the one Failure it means. */
export function classifyError(error: EngineError, names: Names): Failure {
  if (REFUSALS.has(error.status)) return { fault: publicRefusal(readError(error.body), names), elsewhere: false, sick: false };
  const judgement = JUDGEMENTS.get(error.status) ?? (error.status >= 400 && error.status < 500 ? ODD : MISCONFIGURED);
  const detail = `engine answered ${error.status}`;
  const wait = judgement === BUSY ? { retryAfterMs: boundedWait(error.retryAfterMs) } : {};
  return { fault: new Fault(judgement.fault, { detail, ...wait }), elsewhere: judgement.elsewhere, sick: judgement.sick };
}

function boundedWait(ms: number | undefined): number {
  return ms === undefined ? BOUNDS.retryAfterDefaultMs : Math.min(BOUNDS.retryAfterMsMax, Math.max(0, ms));
}

/** Milliseconds from an engine's `retry-after-ms` or `retry-after` in seconds; dates are not read, since nothing here knows the time. */
export function retryAfterMs(headers: Readonly<Record<string, string | string[] | undefined>>): number | undefined {
  return readWait(headers["retry-after-ms"], 1) ?? readWait(headers["retry-after"], 1_000);
}

function readWait(value: string | string[] | undefined, unitMs: number): number | undefined {
  if (typeof value !== "string" || !/^\d{1,9}(\.\d{1,9})?$/.test(value.trim())) return undefined;
  return Number(value) * unitMs;
}
