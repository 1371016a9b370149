/** What every Ledger answers: the settlements given so far, by bucket and group. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keyId, modelId, projectId, tenantId } from "../../src/domain/ids.ts";
import type { Journal, Ledger, UsageQuery } from "../../src/ports.ts";
import { AT_MS, end, hold } from "../unit/storage/fixtures/world.ts";

export interface LedgerSubject {
  readonly journal: Journal;
  readonly ledger: Ledger;
  close(): Promise<void>;
}

const HOUR_MS = 3_600_000;
const ALL: UsageQuery = {
  tenant: tenantId("t1"),
  startMs: AT_MS,
  endMs: AT_MS + 3 * HOUR_MS,
  bucketMs: HOUR_MS,
  projects: undefined,
  keys: undefined,
  models: undefined,
  groupBy: [],
  capability: undefined,
};

/** Five requests: two in the first hour, two in the second, one of another tenant; and one that only counted tokens, which no page shows. */
function fill(journal: Journal): void {
  const give = (n: number, over: Parameters<typeof hold>[1], at: number): void => {
    journal.append(hold(n, over));
    journal.append(end(n, { atMs: AT_MS + at, amount: n }));
  };
  give(1, {}, 0);
  // The same model under another name.
  give(2, { key: keyId("k2"), model: modelId("llama"), alias: "tiny" }, HOUR_MS - 1);
  give(3, { project: projectId("p2"), key: keyId("k3") }, HOUR_MS);
  give(4, { capability: "embeddings" }, 2 * HOUR_MS - 1);
  give(6, { capability: "tokenize" }, 0);
  give(5, { tenant: tenantId("t2") }, 0);
}

export function ledgerContract(name: string, open: () => Promise<LedgerSubject>): void {
  describe(`ledger contract: ${name}`, () => {
    let subject: LedgerSubject;
    beforeAll(async () => {
      subject = await open();
      fill(subject.journal);
    });
    afterAll(() => subject.close());

    it("sums a tenant's own settlements by bucket, those of this very turn included", async () => {
      const rows = await subject.ledger.usage(ALL);
      const common = { projectId: undefined, keyId: undefined, model: undefined, currency: "EUR", requests: 2 };
      expect(rows).toEqual([
        { ...common, bucketStartMs: AT_MS, promptTokens: 20, cachedTokens: 8, completionTokens: 40, amount: 3 },
        { ...common, bucketStartMs: AT_MS + HOUR_MS, promptTokens: 20, cachedTokens: 8, completionTokens: 40, amount: 7 },
      ]);
    });

    it("groups by project, key and the name that a model is sold under", async () => {
      const rows = await subject.ledger.usage({ ...ALL, bucketMs: 3 * HOUR_MS, groupBy: ["project_id", "api_key_id", "model"] });
      expect(rows.map((row) => [row.projectId, row.keyId, row.model, row.requests, row.amount])).toEqual([
        ["p1", "k1", "small", 2, 5],
        ["p1", "k2", "tiny", 1, 2],
        ["p2", "k3", "small", 1, 3],
      ]);
    });

    it("filters by project, key, model and capability", async () => {
      const { ledger } = subject;
      const count = async (over: Partial<UsageQuery>): Promise<number> =>
        (await ledger.usage({ ...ALL, ...over })).reduce((sum, row) => sum + row.requests, 0);
      expect(await count({ projects: ["p2"] })).toBe(1);
      expect(await count({ keys: ["k1", "k2"] })).toBe(3);
      expect(await count({ models: ["tiny"] })).toBe(1);
      expect(await count({ models: ["llama"] })).toBe(0);
      expect(await count({ models: [] })).toBe(0);
      expect(await count({ capability: "embeddings" })).toBe(1);
      expect(await count({ tenant: tenantId("nobody") })).toBe(0);
    });

    it("counts from startMs up to but not including endMs, in buckets counted from startMs", async () => {
      const { ledger } = subject;
      expect(await ledger.usage({ ...ALL, startMs: AT_MS + 1, endMs: AT_MS + HOUR_MS })).toMatchObject([
        { bucketStartMs: AT_MS + 1, amount: 2 },
      ]);
    });

    it("refuses an empty range and an empty bucket", async () => {
      const { ledger } = subject;
      await expect(ledger.usage({ ...ALL, bucketMs: 0 })).rejects.toMatchObject({ fault: "invalid_value", param: "bucket_width" });
      await expect(ledger.usage({ ...ALL, endMs: AT_MS })).rejects.toMatchObject({ fault: "invalid_value", param: "end_time" });
    });
  });
}
