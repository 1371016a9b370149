/** Turns a usage query into one statement over a tenant's settlements, and its rows into the answer. */
import { and, asc, eq, gte, inArray, lt, ne, sql } from "drizzle-orm";
import type { AnyColumn, SQL } from "drizzle-orm";
import { QueryBuilder } from "drizzle-orm/sqlite-core";
import { BOUNDS } from "../bounds.ts";
import { Fault } from "../faults.ts";
import type { UsageQuery, UsageRow } from "../ports.ts";
import type { Statement } from "./statement.ts";
import { settlement } from "./tables.ts";

/**
 * Buckets of bucketMs counted from startMs, the last one cut at endMs; a request counts where it ended. Rows come by bucket, then by what they are
 * grouped by; a bucket without a request has no row. @throws Fault invalid_value for an empty bucket or range
 */
export function usageStatement(query: UsageQuery): Statement {
  requireRange(query);
  // As text, not as parameters: an expression that is selected and grouped by must be the same in both places.
  const start = sql.raw(String(query.startMs));
  const width = sql.raw(String(query.bucketMs));
  const dimension = (name: UsageQuery["groupBy"][number], column: AnyColumn): SQL =>
    query.groupBy.includes(name) ? sql`${column}` : sql`null`;
  const groups = {
    bucket: sql`${settlement.atMs} - ((${settlement.atMs} - ${start}) % ${width})`,
    project: dimension("project_id", settlement.project),
    key: dimension("api_key_id", settlement.key),
    model: dimension("model", settlement.alias),
    currency: sql`${settlement.currency}`,
  };
  const sums = {
    prompt: total(settlement.promptTokens),
    cached: total(settlement.cachedTokens),
    completion: total(settlement.completionTokens),
    requests: sql`count(*)`,
    amount: total(settlement.amount),
  };
  const places = Object.keys(groups).map((_, index) => sql.raw(String(index + 1)));
  const select = new QueryBuilder()
    .select({ ...groups, ...sums })
    .from(settlement)
    .where(matching(query));
  return select
    .groupBy(...places)
    .orderBy(...places.map((place) => asc(place)))
    .limit(BOUNDS.usageRowsMax + 1)
    .toSQL();
}

/** The rows of such a statement. @throws Fault invalid_value for more than usageRowsMax of them */
export function usageRows(rows: readonly unknown[]): readonly UsageRow[] {
  if (rows.length > BOUNDS.usageRowsMax) {
    throw new Fault("invalid_value", {
      text: "This query has too many rows. Ask for a shorter time or wider buckets.",
      param: "bucket_width",
    });
  }
  return rows.map((row) => {
    if (!Array.isArray(row)) throw new TypeError("usage: a row is a list");
    const cells: readonly unknown[] = row;
    const [bucket, project, key, model, currency, prompt, cached, completion, requests, amount] = cells;
    return {
      bucketStartMs: Number(bucket),
      projectId: textOrNone(project),
      keyId: textOrNone(key),
      model: textOrNone(model),
      promptTokens: Number(prompt),
      cachedTokens: Number(cached),
      completionTokens: Number(completion),
      requests: Number(requests),
      amount: Number(amount),
      currency: String(currency),
    };
  });
}

function textOrNone(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function total(column: AnyColumn): SQL {
  return sql`sum(${column})`;
}

function matching(query: UsageQuery): SQL | undefined {
  return and(
    eq(settlement.tenant, query.tenant),
    gte(settlement.atMs, query.startMs),
    lt(settlement.atMs, query.endMs),
    query.projects === undefined ? undefined : inArray(settlement.project, [...query.projects]),
    query.keys === undefined ? undefined : inArray(settlement.key, [...query.keys]),
    query.models === undefined ? undefined : inArray(settlement.alias, [...query.models]),
    // Counting tokens is no use of a model: those settlements are for the operator alone.
    query.capability === undefined ? ne(settlement.capability, "tokenize") : eq(settlement.capability, query.capability),
  );
}

function requireRange({ startMs, endMs, bucketMs }: UsageQuery): void {
  if (!Number.isSafeInteger(bucketMs) || bucketMs <= 0) throw new Fault("invalid_value", { param: "bucket_width" });
  if (!Number.isSafeInteger(startMs) || startMs < 0) throw new Fault("invalid_value", { param: "start_time" });
  if (!Number.isSafeInteger(endMs) || endMs <= startMs) throw new Fault("invalid_value", { param: "end_time" });
}
