/** One journal record as one line of text: a JSON array, since JSON escapes every string and the engine writes it in half a microsecond. */
import { CAPABILITIES } from "../domain/fleet.ts";
import type { Capability } from "../domain/fleet.ts";
import { backendId, keyId, modelId, mspId, projectId, requestId, tenantId } from "../domain/ids.ts";
import type { Outcome, Usage, UsageSource } from "../domain/usage.ts";
import type { EndRecord, HoldRecord, JournalRecord, MarkRecord } from "../ports.ts";

const OUTCOMES = ["served", "failed", "abandoned", "crashed"] as const satisfies readonly Outcome[];
const SOURCES = ["backend", "counted", "estimated", "none"] as const satisfies readonly UsageSource[];

/** How every line of an end begins: a failed write keeps these and drops the rest. */
export const END_PREFIX = '["e",';

/** One line without a line break. Durations are rounded to whole milliseconds. @throws RangeError when a number is no whole, safe one */
export function encodeRecord(record: JournalRecord): string {
  switch (record.kind) {
    case "hold":
      return encodeHold(record);
    case "mark":
      return encodeMark(record);
    case "end":
      return encodeEnd(record);
  }
}

function encodeHold(r: HoldRecord): string {
  requireWhole(r.tokens, r.amount, r.atMs);
  const { request, key, project, tenant, msp, model, alias, capability, tokens, amount, currency, priceVersion, atMs } = r;
  return JSON.stringify(["h", request, key, project, tenant, msp, model, alias, capability, tokens, amount, currency, priceVersion, atMs]);
}

function encodeMark(r: MarkRecord): string {
  const { promptTokens, cachedTokens, completionTokens, source } = r.usage;
  requireWhole(promptTokens, cachedTokens, completionTokens);
  requireWhole(r.amount, 0, 0);
  return JSON.stringify(["m", r.request, promptTokens, cachedTokens, completionTokens, source, r.amount]);
}

function encodeEnd(r: EndRecord): string {
  const { promptTokens, cachedTokens, completionTokens, source } = r.usage;
  const firstByteMs = r.firstByteMs === undefined ? null : Math.round(r.firstByteMs);
  const durationMs = Math.round(r.durationMs);
  requireWhole(promptTokens, cachedTokens, completionTokens);
  requireWhole(r.amount, r.atMs, r.attempts);
  requireWhole(r.status, durationMs, firstByteMs ?? 0);
  const usage = [promptTokens, cachedTokens, completionTokens, source, r.amount] as const;
  return JSON.stringify(["e", r.request, r.outcome, ...usage, r.backend ?? null, r.status, r.attempts, firstByteMs, durationMs, r.atMs]);
}

/** A number that the ledger could not read back must not get into the journal: it would stop every later fold. */
function requireWhole(a: number, b: number, c: number): void {
  if (!Number.isSafeInteger(a) || !Number.isSafeInteger(b) || !Number.isSafeInteger(c)) {
    throw new RangeError(`journal: not whole numbers: ${a}, ${b}, ${c}`);
  }
}

/** The records of one batch: lines joined by ",\n". @throws SyntaxError, TypeError for what encodeRecord cannot have written */
export function decodeRecords(text: string): JournalRecord[] {
  const rows: unknown = JSON.parse(`[${text}]`);
  if (!Array.isArray(rows)) throw new TypeError("journal: a batch is a list");
  return rows.map(decodeRecord);
}

/** @throws TypeError for an unknown kind of record or a field of the wrong type */
export function decodeRecord(row: unknown): JournalRecord {
  if (!Array.isArray(row)) throw new TypeError("journal: a record is a list");
  if (row[0] === "h" && row.length === 14) return decodeHold(row);
  if (row[0] === "m" && row.length === 7) return decodeMark(row);
  if (row[0] === "e" && row.length === 14) return decodeEnd(row);
  throw new TypeError("journal: unknown kind of record");
}

function decodeHold(row: readonly unknown[]): HoldRecord {
  return {
    kind: "hold",
    request: requestId(text(row[1])),
    key: keyId(text(row[2])),
    project: projectId(text(row[3])),
    tenant: tenantId(text(row[4])),
    msp: mspId(text(row[5])),
    model: modelId(text(row[6])),
    alias: text(row[7]),
    capability: oneOf<Capability>(CAPABILITIES, row[8]),
    tokens: whole(row[9]),
    amount: whole(row[10]),
    currency: text(row[11]),
    priceVersion: text(row[12]),
    atMs: whole(row[13]),
  };
}

function decodeMark(row: readonly unknown[]): MarkRecord {
  return { kind: "mark", request: requestId(text(row[1])), usage: decodeUsage(row, 2), amount: whole(row[6]) };
}

function decodeEnd(row: readonly unknown[]): EndRecord {
  return {
    kind: "end",
    request: requestId(text(row[1])),
    outcome: outcomeOf(row[2]),
    usage: decodeUsage(row, 3),
    amount: whole(row[7]),
    backend: row[8] === null ? undefined : backendId(text(row[8])),
    status: whole(row[9]),
    attempts: whole(row[10]),
    firstByteMs: row[11] === null ? undefined : whole(row[11]),
    durationMs: whole(row[12]),
    atMs: whole(row[13]),
  };
}

function decodeUsage(row: readonly unknown[], at: number): Usage {
  return {
    promptTokens: whole(row[at]),
    cachedTokens: whole(row[at + 1]),
    completionTokens: whole(row[at + 2]),
    source: usageSourceOf(row[at + 3]),
  };
}

function text(value: unknown): string {
  if (typeof value !== "string") throw new TypeError("journal: expected text");
  return value;
}

function whole(value: unknown): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value)) throw new TypeError("journal: expected a whole number");
  return value;
}

/** @throws TypeError for what was never written */
export function outcomeOf(value: unknown): Outcome {
  return oneOf<Outcome>(OUTCOMES, value);
}

/** @throws TypeError for what was never written */
export function usageSourceOf(value: unknown): UsageSource {
  return oneOf<UsageSource>(SOURCES, value);
}

function oneOf<T extends string>(allowed: readonly T[], value: unknown): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new TypeError(`journal: unknown value ${String(value)}`);
  return found;
}
