/** Logs and counts the requests that are no inference; those log themselves with more to say. */
import { asFault } from "../gateway.ts";
import { atTheDoor } from "../stages/door.ts";
import type { Handler, Visit, VisitHandler } from "./handler.ts";

/** `route` is the pattern, never the path: label values are bounded. */
export function observed(route: string, handle: VisitHandler): Handler {
  return async (arrival, request, facilities) => {
    const { clock, observer } = facilities.world;
    const startedMs = clock.monotonicMs();
    const visit: Visit = { request, status: 200, principal: undefined };
    let thrown: unknown;
    try {
      await handle(arrival, visit, facilities);
    } catch (error) {
      thrown = await atTheDoor(error, arrival, facilities.world);
      throw thrown;
    } finally {
      const fault = thrown === undefined ? undefined : asFault(thrown);
      observer.finished({
        request,
        method: arrival.method,
        route,
        status: fault?.kind.status ?? visit.status,
        fault: fault?.fault,
        detail: fault?.detail,
        principal: visit.principal,
        model: undefined,
        backend: undefined,
        stream: false,
        outcome: fault === undefined ? "served" : "refused",
        usage: undefined,
        amount: undefined,
        attempts: 0,
        firstByteMs: undefined,
        durationMs: clock.monotonicMs() - startedMs,
      });
    }
  };
}
