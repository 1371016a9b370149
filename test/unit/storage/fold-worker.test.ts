import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { describe, expect, it } from "vitest";

describe("the folding thread's own file", () => {
  it("refuses to start without its settings", async () => {
    const worker = new Worker(new URL("../../../src/storage/fold-worker.ts", import.meta.url), { workerData: { dir: 1 } });
    const [failure]: unknown[] = await once(worker, "error");
    expect(String(failure)).toContain("without its settings");
  });
});
