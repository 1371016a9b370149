/** OpenAI's organization usage and cost pages, written from the ledger's rows. */
import type { UsageQuery, UsageRow } from "../ports.ts";
import type { UsagePage } from "./usage-query.ts";

export { parseUsageQuery } from "./usage-query.ts";

const MICRO = 1_000_000;

/** Body of /v1/organization/usage/{completions,embeddings}. */
export function usageBody(page: UsagePage, rows: readonly UsageRow[]): Buffer {
  const object = `organization.usage.${page.query.capability === "embeddings" ? "embeddings" : "completions"}.result`;
  return pageBody(page, rows, (row) => ({
    object,
    input_tokens: row.promptTokens,
    input_cached_tokens: row.cachedTokens,
    output_tokens: row.completionTokens,
    num_model_requests: row.requests,
    project_id: row.projectId ?? null,
    user_id: null,
    api_key_id: row.keyId ?? null,
    model: row.model ?? null,
    batch: null,
  }));
}

/** Body of /v1/organization/costs. A line item is a model. */
export function costsBody(page: UsagePage, rows: readonly UsageRow[]): Buffer {
  return pageBody(page, rows, (row) => ({
    object: "organization.costs.result",
    amount: { value: row.amount / MICRO, currency: row.currency.toLowerCase() },
    line_item: row.model ?? null,
    project_id: row.projectId ?? null,
    api_key_id: row.keyId ?? null,
  }));
}

function pageBody(page: UsagePage, rows: readonly UsageRow[], result: (row: UsageRow) => object): Buffer {
  const byBucket = new Map<number, object[]>();
  for (const row of rows) {
    const results = byBucket.get(row.bucketStartMs);
    if (results === undefined) byBucket.set(row.bucketStartMs, [result(row)]);
    else results.push(result(row));
  }
  const data = bucketStarts(page.query).map(({ startMs, endMs }) => ({
    object: "bucket",
    start_time: Math.floor(startMs / 1000),
    end_time: Math.floor(endMs / 1000),
    results: byBucket.get(startMs) ?? [],
  }));
  return Buffer.from(JSON.stringify({ object: "page", data, has_more: page.nextPage !== undefined, next_page: page.nextPage ?? null }));
}

function bucketStarts({ startMs, endMs, bucketMs }: UsageQuery): { startMs: number; endMs: number }[] {
  const starts: { startMs: number; endMs: number }[] = [];
  for (let at = startMs; at < endMs; at += bucketMs) starts.push({ startMs: at, endMs: Math.min(at + bucketMs, endMs) });
  return starts;
}
