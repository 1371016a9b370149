/** How every route answers: a handler writes to the exit or throws a fault, and the fault is turned into OpenAI's shape here, once. */
import type { RequestId } from "../domain/ids.ts";
import type { Brand, Principal } from "../domain/tenancy.ts";
import { Fault } from "../faults.ts";
import { errorBody, errorHeaders } from "../openai/errors.ts";
import { identityHeaders } from "../openai/headers.ts";
import type { Arrival, Exit } from "../ports.ts";
import type { Door, Facilities } from "./facilities.ts";

export type Handler = (arrival: Arrival, request: RequestId, facilities: Facilities) => void | Promise<void>;

/** What is found out of a request that is no inference while it is answered: its line in the log says it. */
export interface Visit {
  readonly request: RequestId;
  /** That went out; a fault that is thrown brings its own. */
  status: number;
  principal: Principal | undefined;
}

export type VisitHandler = (arrival: Arrival, visit: Visit, facilities: Facilities) => void | Promise<void>;

/** Whoever keeps coming without a valid key is told to wait instead. */
export async function atTheDoor(fault: Fault, address: string, door: Door): Promise<Fault> {
  if (fault.kind.status !== 401) return fault;
  const open = fault.fault === "missing_key" ? await door.keyless(address) : await door.failed(address);
  return open ? fault : new Fault("too_many_attempts", { retryAfterMs: 60_000 });
}

/** Where a person gets help, behind the text of every fault that a program cannot mend by asking differently. */
export function withHelp(fault: Fault, brand: Pick<Brand, "supportUrl"> | undefined): Fault {
  const { status } = fault.kind;
  const helps = status === 401 || status === 403 || status === 429 || status >= 500;
  return helps && brand?.supportUrl !== undefined ? fault.saying(`${fault.message} Help: ${brand.supportUrl}`) : fault;
}

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
