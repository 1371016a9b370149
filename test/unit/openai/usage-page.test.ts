import { describe, expect, it } from "vitest";
import { tenantId } from "../../../src/domain/ids.ts";
import { costsBody, usageBody } from "../../../src/openai/usage-page.ts";
import { parseUsageQuery } from "../../../src/openai/usage-query.ts";
import type { UsageRow } from "../../../src/ports.ts";
import { faultOf } from "./fixtures.ts";

const DAY_S = 86_400;
const START = 20_000 * DAY_S;
const asker = { tenant: tenantId("t"), projects: undefined, endpoint: "usage", nowMs: (START + 2.5 * DAY_S) * 1000 } as const;
const ask = (query: string, changes: Partial<Parameters<typeof parseUsageQuery>[1]> = {}) =>
  parseUsageQuery(new URLSearchParams(query), { ...asker, ...changes });
const ROW: UsageRow = {
  bucketStartMs: START * 1000,
  projectId: "p",
  keyId: undefined,
  model: "m",
  promptTokens: 5,
  cachedTokens: 1,
  completionTokens: 2,
  requests: 3,
  amount: 1_250_000,
  currency: "EUR",
};

describe("parseUsageQuery", () => {
  it("aligns buckets and ends now when nothing else is said", () => {
    const { query, nextPage } = ask(`start_time=${START + 5}`);
    expect(query).toMatchObject({
      startMs: START * 1000,
      endMs: (START + 3 * DAY_S) * 1000,
      bucketMs: DAY_S * 1000,
      groupBy: [],
      projects: undefined,
      keys: undefined,
    });
    expect(nextPage).toBeUndefined();
  });

  it("pages by whole buckets without losing or repeating one", () => {
    const seen: number[] = [];
    let page: string | undefined = "";
    while (page !== undefined) {
      const { query, nextPage } = ask(`start_time=${START}&end_time=${START + 5 * 3600}&bucket_width=1h&limit=2&page=${page}`);
      for (let at = query.startMs; at < query.endMs; at += query.bucketMs) seen.push(at / 1000);
      page = nextPage;
    }
    expect(seen).toEqual([0, 1, 2, 3, 4].map((hour) => START + hour * 3600));
  });

  it("reads lists in both spellings, and never beyond the caller's own projects", () => {
    const { query } = ask(`start_time=${START}&project_ids[]=p&project_ids[]=q&models=a,b&group_by=project_id&group_by[]=model`, {
      projects: ["q"],
    });
    expect(query).toMatchObject({ projects: ["q"], models: ["a", "b"], groupBy: ["model", "project_id"] });
    expect(ask(`start_time=${START}`, { projects: ["q"] }).query.projects).toEqual(["q"]);
    expect(ask(`start_time=${START}&project_ids=p`, { projects: ["q"] }).query.projects).toEqual([]);
  });

  it.each([
    ["", "missing_parameter", "start_time"],
    ["start_time=x", "invalid_value", "start_time"],
    [`start_time=${START}&limit=32`, "above_max", "limit"],
    [`start_time=${START}&limit=0`, "below_min", "limit"],
    [`start_time=${START}&bucket_width=2d`, "invalid_value", "bucket_width"],
    [`start_time=${START}&group_by=user_id`, "invalid_value", "group_by"],
    [`start_time=${START}&page=next`, "invalid_value", "page"],
    [`start_time=${START}&page=page_5`, "invalid_value", "page"],
    [`start_time=${START}&end_time=${START}`, "invalid_value", "end_time"],
    [`start_time=${START}&nonsense=1`, "unsupported_parameter", "nonsense"],
    [`start_time=${START}&models=${"a,".repeat(200)}`, "array_too_long", "models"],
  ])("refuses %s", (query, fault, param) => {
    const thrown = faultOf(() => ask(query));
    expect([thrown.fault, thrown.param]).toEqual([fault, param]);
  });

  it("knows cost pages by the day only, and line items as models", () => {
    expect(ask(`start_time=${START}&limit=180&group_by=line_item`, { endpoint: "costs" }).query.groupBy).toEqual(["model"]);
    expect(faultOf(() => ask(`start_time=${START}&bucket_width=1h`, { endpoint: "costs" })).param).toBe("bucket_width");
  });
});

describe("pages", () => {
  it("show every bucket, empty ones too", () => {
    const page = ask(`start_time=${START}&limit=2`);
    const body: unknown = JSON.parse(usageBody(page, [ROW]).toString());
    expect(body).toMatchObject({ object: "page", has_more: true, next_page: `page_${START + 2 * DAY_S}` });
    expect(Object(body).data).toMatchObject([
      {
        object: "bucket",
        start_time: START,
        end_time: START + DAY_S,
        results: [
          {
            object: "organization.usage.completions.result",
            input_tokens: 5,
            input_cached_tokens: 1,
            output_tokens: 2,
            num_model_requests: 3,
            project_id: "p",
            api_key_id: null,
            model: "m",
            user_id: null,
          },
        ],
      },
      { start_time: START + DAY_S, results: [] },
    ]);
  });

  it("show amounts in the currency's unit", () => {
    const body: unknown = JSON.parse(costsBody(ask(`start_time=${START}`, { endpoint: "costs" }), [ROW]).toString());
    expect(Object(body).data[0].results).toEqual([
      { object: "organization.costs.result", amount: { value: 1.25, currency: "eur" }, line_item: "m", project_id: "p", api_key_id: null },
    ]);
  });
});
