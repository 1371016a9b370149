/** What the last minute's holds took of the rate windows, by scope and second: a restart must not hand out a second minute. */
import type { Database } from "better-sqlite3";
import { BOUNDS } from "../bounds.ts";
import { NO_USAGE, tokensKept } from "../domain/usage.ts";
import { SCOPES } from "../ports.ts";
import type { Granted, Orphan, Scope } from "../ports.ts";
import { outcomeOf, usageSourceOf } from "./journal-record.ts";

/** Unix milliseconds. */
export interface Minute {
  readonly fromMs: number;
  readonly nowMs: number;
}

/** What one hold took, and from whom. */
interface Grant extends Readonly<Record<Scope, string>> {
  readonly openedAtMs: number;
  readonly tokens: number;
}

/** Backwards from the row that was settled last; the columns in the order in which grantOf() takes them. */
const NEWEST_FIRST = `select "key", project, tenant, msp, opened_at_ms, tokens_held, outcome, usage_source, prompt_tokens, completion_tokens, at_ms
  from settlement order by position desc limit ?`;

/**
 * The holds opened within the minute: those that were settled, at what their settlement left counted, and the orphans, at what their
 * settlement will.
 */
export function readGrants(database: Database, orphans: readonly Orphan[], minute: Minute): Granted[] {
  const sums = new Sums(minute);
  for (const { hold, mark } of orphans) {
    const { key, project, tenant, msp, atMs } = hold;
    sums.add({ key, project, tenant, msp, openedAtMs: atMs, tokens: tokensKept(hold.tokens, "crashed", mark?.usage ?? NO_USAGE) });
  }
  // Rows lie in the order of their ends, save for what a clock that was set back has done: a window of slack. No hold begins after its end.
  const enoughMs = minute.fromMs - BOUNDS.windowMs;
  for (const row of database.prepare(NEWEST_FIRST).raw().iterate(BOUNDS.grantRowsMax)) {
    if (!Array.isArray(row)) throw new TypeError("grants: a row is a list");
    if (Number(row.at(-1)) < enoughMs) break;
    sums.add(grantOf(row));
  }
  return sums.all();
}

function grantOf(row: readonly unknown[]): Grant {
  const [key, project, tenant, msp, openedAtMs, held, outcome, source, promptTokens, completionTokens] = row;
  const usage = {
    promptTokens: Number(promptTokens),
    cachedTokens: 0,
    completionTokens: Number(completionTokens),
    source: usageSourceOf(source),
  };
  const tokens = tokensKept(Number(held), outcomeOf(outcome), usage);
  return { key: String(key), project: String(project), tenant: String(tenant), msp: String(msp), openedAtMs: Number(openedAtMs), tokens };
}

/** What one scope was granted in one second. */
interface Sum {
  atMs: number;
  requests: number;
  tokens: number;
}

class Sums {
  readonly #minute: Minute;
  /** By id, then by whole seconds from the minute's begin. */
  readonly #sums: Readonly<Record<Scope, Map<string, (Sum | undefined)[]>>> = {
    key: new Map(),
    project: new Map(),
    tenant: new Map(),
    msp: new Map(),
  };

  constructor(minute: Minute) {
    this.#minute = minute;
  }

  /** A hold from a little ahead of the clock was opened before somebody set the clock back, and counts as opened now. */
  add(grant: Grant): void {
    const { fromMs, nowMs } = this.#minute;
    const { openedAtMs, tokens } = grant;
    if (openedAtMs <= fromMs || openedAtMs > nowMs + BOUNDS.windowMs) return;
    const atMs = Math.min(openedAtMs, nowMs);
    const second = Math.floor((atMs - fromMs) / BOUNDS.windowSlotMs);
    for (const scope of SCOPES) {
      const sum = this.#of(scope, grant[scope], second);
      sum.atMs = Math.max(sum.atMs, atMs);
      sum.requests += 1;
      sum.tokens += tokens;
    }
  }

  all(): Granted[] {
    return SCOPES.flatMap((scope) =>
      [...this.#sums[scope]].flatMap(([id, sums]) => sums.flatMap((sum) => (sum === undefined ? [] : { scope, id, ...sum }))),
    );
  }

  #of(scope: Scope, id: string, second: number): Sum {
    let sums = this.#sums[scope].get(id);
    if (sums === undefined) this.#sums[scope].set(id, (sums = []));
    return (sums[second] ??= { atMs: 0, requests: 0, tokens: 0 });
  }
}
