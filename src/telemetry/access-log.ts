/** JSON logs: one line a request, without content, secrets or prompts. Lines leave in batches; a crash may lose the last quarter second of them. */
import type { Logger } from "pino";
import type { RequestRecord } from "../ports.ts";

export class AccessLog {
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  write(record: RequestRecord): void {
    const { principal, usage } = record;
    const line = {
      request: record.request,
      method: record.method,
      route: record.route,
      status: record.status,
      outcome: record.outcome,
      fault: record.fault,
      detail: record.detail,
      msp: principal?.msp.id,
      tenant: principal?.tenant.id,
      project: principal?.project.id,
      key: principal?.key.id,
      model: record.model,
      backend: record.backend,
      stream: record.stream,
      attempts: record.attempts,
      prompt_tokens: usage?.promptTokens,
      cached_tokens: usage?.cachedTokens,
      completion_tokens: usage?.completionTokens,
      usage_source: usage?.source,
      amount_micro: record.amount,
      first_byte_ms: round(record.firstByteMs),
      duration_ms: round(record.durationMs),
    };
    if (record.status >= 500) this.#log.warn(line);
    else this.#log.info(line);
  }
}

function round(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : Math.round(ms * 10) / 10;
}
