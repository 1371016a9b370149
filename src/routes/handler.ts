/** How every route answers: a handler writes to the exit or throws a fault, and the fault is turned into OpenAI's shape here, once. */
import type { RequestId } from "../domain/ids.ts";
import type { Fault } from "../faults.ts";
import { errorBody, errorHeaders } from "../openai/errors.ts";
import { identityHeaders } from "../openai/headers.ts";
import type { Arrival, Exit } from "../ports.ts";
import type { Facilities } from "./facilities.ts";

export type Handler = (arrival: Arrival, request: RequestId, facilities: Facilities) => void | Promise<void>;

/** Answers a fault. After the first byte the connection can only be cut; in-band errors are the stages' business. */
export function refuse(exit: Exit, fault: Fault, request: RequestId): void {
  if (exit.started) return exit.abort();
  exit.head(fault.kind.status, ["content-type", "application/json", ...identityHeaders(request), ...errorHeaders(fault)]);
  exit.end(errorBody(fault));
}

export function answerJson(exit: Exit, request: RequestId, body: Buffer, more: readonly string[] = []): void {
  exit.head(200, ["content-type", "application/json", ...identityHeaders(request), ...more]);
  exit.end(body);
}
