/** One JSON line a request, without content, secrets or prompts. It stands on the path of every request, so the line is put together by hand. */
import type { Principal } from "../domain/tenancy.ts";
import type { RequestRecord } from "../ports.ts";

/** Takes whole lines; batches them as it sees fit. */
export interface LineSink {
  write(line: string): unknown;
}

export class AccessLog {
  readonly #sink: LineSink;
  readonly #nowMs: () => number;
  /** The part of a line that a principal's requests share. */
  readonly #who = new WeakMap<Principal, string>();

  constructor(sink: LineSink, nowMs: () => number) {
    this.#sink = sink;
    this.#nowMs = nowMs;
  }

  write(record: RequestRecord): void {
    const { usage } = record;
    let line = `{"level":"${record.status >= 500 ? "warn" : "info"}","time":${String(this.#nowMs())},"request":"${record.request}","method":${text(record.method)},"route":${text(record.route)},"status":${String(record.status)},"outcome":"${record.outcome}"`;
    if (record.principal !== undefined) line += this.#whoIs(record.principal);
    if (record.model !== undefined) line += `,"model":${text(record.model)},"stream":${String(record.stream)}`;
    if (record.backend !== undefined) line += `,"backend":${text(record.backend)},"attempts":${String(record.attempts)}`;
    if (usage !== undefined)
      line += `,"prompt_tokens":${String(usage.promptTokens)},"cached_tokens":${String(usage.cachedTokens)},"completion_tokens":${String(usage.completionTokens)},"usage_source":"${usage.source}","amount_micro":${String(record.amount ?? 0)}`;
    if (record.firstByteMs !== undefined) line += `,"first_byte_ms":${tenths(record.firstByteMs)}`;
    if (record.fault !== undefined) line += `,"fault":"${record.fault}"`;
    if (record.detail !== undefined) line += `,"detail":${text(record.detail)}`;
    this.#sink.write(`${line},"duration_ms":${tenths(record.durationMs)}}\n`);
  }

  #whoIs(principal: Principal): string {
    let who = this.#who.get(principal);
    if (who === undefined) {
      const { msp, tenant, project, key } = principal;
      who = `,"msp":${text(msp.id)},"tenant":${text(tenant.id)},"project":${text(project.id)},"key":${text(key.id)}`;
      this.#who.set(principal, who);
    }
    return who;
  }
}

function text(value: string): string {
  return JSON.stringify(value);
}

function tenths(ms: number): string {
  return String(Math.round(ms * 10) / 10);
}
