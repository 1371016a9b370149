/** What may be written into the directory: the rules of the configuration file, for what comes over the admin API and the command line. */
import { z } from "zod";
import { BOUNDS } from "../bounds.ts";
import { parseRange } from "../domain/address.ts";
import type { Limits, Msp } from "../domain/tenancy.ts";
import { Fault } from "../faults.ts";
import type { Lawmaker, NewKey } from "../ports.ts";

const ID = /^[a-z0-9][a-z0-9._-]{0,63}$/;
const NAME_CHARS_MAX = 200;

const count = z.number().int().nonnegative().max(Number.MAX_SAFE_INTEGER).optional();
const limitsFormat = z.strictObject({ requestsPerMinute: count, tokensPerMinute: count, concurrency: count, budgetPerMonth: count });
const list = z.array(z.string());

const UNLIMITED: Limits = { requestsPerMinute: undefined, tokensPerMinute: undefined, concurrency: undefined, budgetPerMonth: undefined };

/** @throws Fault invalid_value naming the parameter */
export function requireId(id: string): void {
  if (!ID.test(id)) throw invalid("id", "An id is 1 to 64 of a-z, 0-9, dot, dash and underscore, starting with a letter or digit.");
}

/** @throws Fault invalid_value naming the parameter */
export function requireName(name: string): void {
  if (name.length === 0 || name.length > NAME_CHARS_MAX) throw invalid("name", `A name has 1 to ${NAME_CHARS_MAX} characters.`);
}

/** @throws Fault invalid_value naming the parameter */
export function requireClass(defaultClass: string, law: Pick<Lawmaker, "knowsClass">): void {
  if (!law.knowsClass(defaultClass)) throw invalid("default_class", "A class is named as in the class ladder of the policies.");
}

/** @throws Fault invalid_value naming the parameter */
export function requireKey(input: NewKey, msp: Msp, nowMs: number): void {
  requireName(input.name);
  if (input.expiresAtMs !== undefined && !(Number.isSafeInteger(input.expiresAtMs) && input.expiresAtMs > nowMs)) {
    throw invalid("expires_at", "A key expires in the future.");
  }
  if (input.models !== undefined) {
    if (input.models.length > BOUNDS.modelsPerKeyMax) throw invalid("models", `A key names at most ${BOUNDS.modelsPerKeyMax} models.`);
    const unknown = input.models.find((name) => !msp.aliases.has(name));
    if (unknown !== undefined) throw invalid("models", `There is no model '${unknown}'.`);
  }
  if (input.cidrs !== undefined) {
    if (input.cidrs.length > BOUNDS.cidrsPerKeyMax) throw invalid("cidrs", `A key names at most ${BOUNDS.cidrsPerKeyMax} address ranges.`);
    const bad = input.cidrs.find((cidr) => parseRange(cidr) === undefined);
    if (bad !== undefined) throw invalid("cidrs", `'${bad}' is not an IPv4 or IPv6 address range.`);
  }
}

/** As a column holds it; NULL: no limit at this level. @throws Fault invalid_value */
export function limitsToColumn(limits: Limits | undefined): string | null {
  if (limits === undefined) return null;
  const judged = limitsFormat.safeParse(limits);
  if (!judged.success) throw invalid("limits", "Limits are whole numbers from 0; absent means no limit.");
  const text = JSON.stringify(judged.data);
  return text === "{}" ? null : text;
}

/** @throws Error for a column that no version of this program wrote */
export function limitsFromColumn(column: string | null): Limits {
  return column === null ? UNLIMITED : { ...UNLIMITED, ...limitsFormat.parse(JSON.parse(column)) };
}

export function listToColumn(values: readonly string[] | undefined): string | null {
  return values === undefined ? null : JSON.stringify(values);
}

/** @throws Error for a column that no version of this program wrote */
export function listFromColumn(column: string | null): readonly string[] | undefined {
  return column === null ? undefined : list.parse(JSON.parse(column));
}

export function invalid(param: string, text: string): Fault {
  return new Fault("invalid_value", { param, text });
}
