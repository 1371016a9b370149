/** How long one exchange with an engine may take, in milliseconds: one set for inference, one for health probes. */
import { BOUNDS } from "../bounds.ts";

export interface Limits {
  /** From send() to the status line; also covers waiting for a connection. */
  readonly firstByteMsMax: number;
  /** Silence once the answer has begun; does not run while we have paused the engine. */
  readonly betweenBytesMsMax: number;
  /** From send() to the last byte, paused or not. */
  readonly totalMsMax: number;
}

export const INFERENCE_LIMITS: Limits = {
  firstByteMsMax: BOUNDS.firstByteMsMax,
  betweenBytesMsMax: BOUNDS.betweenBytesMsMax,
  totalMsMax: BOUNDS.totalMsMax,
};

export const PROBE_LIMITS: Limits = {
  firstByteMsMax: BOUNDS.healthTimeoutMs,
  betweenBytesMsMax: BOUNDS.healthTimeoutMs,
  totalMsMax: BOUNDS.healthTimeoutMs,
};
