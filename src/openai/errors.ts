/** Faults in OpenAI's words: body, headers, and the in-band frame of a stream that has begun. */
import { BOUNDS } from "../bounds.ts";
import type { Brand } from "../domain/tenancy.ts";
import type { Fault } from "../faults.ts";

/** `{"error":{message,type,param,code,…}}`: all four keys always, since clients read each of them. */
export function errorBody(fault: Fault): Buffer {
  return Buffer.from(errorText(fault));
}

/**
 * One SSE event. Both SDKs throw on a top-level `error` in any event; nothing may follow it, [DONE] least of all, since
 * they take that for success.
 */
export function errorFrame(fault: Fault): Buffer {
  return Buffer.from(`data: ${errorText(fault)}\n\n`);
}

/** Where a person gets help, behind the text of every fault that a program cannot mend by asking differently. */
export function withHelp(fault: Fault, brand: Pick<Brand, "supportUrl"> | undefined): Fault {
  const { status } = fault.kind;
  const helps = status === 401 || status === 403 || status === 429 || status >= 500;
  return helps && brand?.supportUrl !== undefined ? fault.saying(`${fault.message} Help: ${brand.supportUrl}`) : fault;
}

function errorText(fault: Fault): string {
  const { type, code } = fault.kind;
  return JSON.stringify({ error: { ...fault.extra, message: fault.message, type, param: fault.param ?? null, code } });
}

/** Flat name, value list: when to come back, whether at all, and what the fault brings of its own. */
export function errorHeaders(fault: Fault): string[] {
  const headers: string[] = [];
  const waitMs = fault.retryAfterMs ?? (fault.kind.status === 503 ? BOUNDS.retryAfterDefaultMs : undefined);
  if (waitMs !== undefined && fault.kind.shouldRetry !== false) {
    const wholeMs = Math.max(0, Math.ceil(waitMs));
    headers.push("retry-after", String(Math.max(1, Math.ceil(wholeMs / 1000))), "retry-after-ms", String(wholeMs));
  }
  if (fault.kind.shouldRetry !== undefined) headers.push("x-should-retry", String(fault.kind.shouldRetry));
  if (fault.headers !== undefined) for (const [name, value] of Object.entries(fault.headers)) headers.push(name, value);
  return headers;
}
