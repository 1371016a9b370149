/** What is known of a request when it is over, as one content-free record for the log and the metrics. */
import type { Call } from "../domain/call.ts";
import type { Backend } from "../domain/fleet.ts";
import type { RequestId } from "../domain/ids.ts";
import type { Principal } from "../domain/tenancy.ts";
import { Fault } from "../faults.ts";
import type { Arrival, Clock, RequestRecord, RequestSpan } from "../ports.ts";
import type { Delivery } from "./delivery.ts";
import type { Ending } from "./relay.ts";
import type { Bill } from "./settle.ts";

/** Filled as the request passes the stages. */
export interface Trace {
  readonly request: RequestId;
  readonly arrival: Pick<Arrival, "method" | "path">;
  readonly startedMs: number;
  principal?: Principal;
  call?: Call;
  delivery?: Delivery;
  backend?: Backend | undefined;
  attempts: number;
  ending?: Ending;
  bill?: Bill;
  thrown?: unknown;
  /** Absent: the request is not followed. */
  span?: RequestSpan;
}

export function recordOf(trace: Trace, clock: Pick<Clock, "monotonicMs">): RequestRecord {
  const { arrival, call, delivery, ending, bill } = trace;
  const cause = trace.thrown ?? ending?.fault;
  const fault = cause instanceof Fault ? cause : undefined;
  const started = delivery?.started === true;
  const firstByteAtMs = delivery?.firstByteAtMs;
  return {
    request: trace.request,
    method: arrival.method,
    route: arrival.path,
    status: started || cause === undefined ? 200 : (fault?.kind.status ?? 500),
    fault: cause === undefined ? undefined : (fault?.fault ?? "internal"),
    detail: fault?.detail ?? (cause !== undefined && fault === undefined ? String(cause) : undefined),
    principal: trace.principal,
    model: call?.alias.model,
    backend: trace.backend?.id,
    stream: call?.stream ?? false,
    outcome: ending?.outcome ?? (delivery === undefined ? "refused" : "failed"),
    usage: bill?.usage,
    amount: bill?.amount,
    attempts: trace.attempts,
    firstByteMs: firstByteAtMs === undefined ? undefined : firstByteAtMs - trace.startedMs,
    durationMs: clock.monotonicMs() - trace.startedMs,
  };
}
