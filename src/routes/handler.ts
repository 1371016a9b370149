/** How every route answers: a handler writes to the exit or throws a fault, and the fault is turned into OpenAI's shape here, once. */
import type { RequestId } from "../domain/ids.ts";
import type { Principal } from "../domain/tenancy.ts";
import type { Fault } from "../faults.ts";
import { errorBody, errorHeaders } from "../openai/errors.ts";
import { identityHeaders } from "../openai/headers.ts";
import type { Arrival, Exit } from "../ports.ts";
import type { Facilities } from "./facilities.ts";

export type Handler = (arrival: Arrival, request: RequestId, facilities: Facilities) => void | Promise<void>;

/** What is found out of a request that is no inference while it is answered: its line in the log says it. */
export interface Visit {
  readonly request: RequestId;
  /** That went out; a fault that is thrown brings its own. */
  status: number;
  principal: Principal | undefined;
}

export type VisitHandler = (arrival: Arrival, visit: Visit, facilities: Facilities) => void | Promise<void>;

/** Answers a fault. After the first byte the connection can only be cut; in-band errors are the stages' business. */
export function refuse(exit: Exit, fault: Fault, request: RequestId): void {
  if (exit.started) return exit.abort();
  exit.head(fault.kind.status, ["content-type", "application/json", ...identityHeaders(request), ...errorHeaders(fault)]);
  exit.end(errorBody(fault));
}

/** For people and load balancers; never from a cache. */
export function answerText(exit: Exit, visit: Visit, answer: { readonly status: number; readonly text: string }): void {
  visit.status = answer.status;
  exit.head(answer.status, ["content-type", "text/plain; charset=utf-8", "cache-control", "no-store"]);
  exit.end(Buffer.from(answer.text));
}

export function answerJson(exit: Exit, request: RequestId, body: Buffer, more: readonly string[] = []): void {
  exit.head(200, ["content-type", "application/json", ...identityHeaders(request), ...more]);
  exit.end(body);
}
