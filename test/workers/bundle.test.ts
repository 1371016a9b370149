/** What would be uploaded: small enough, and nothing in it that only Node has. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { buildWorker, missingWorkerd, type Bundle } from "../../scripts/worker-bundle.ts";

const KIB = 1_024;
const GZIP_BYTES_MAX = 1_024 * KIB;
/** Words that would not be there if those packages and modules were not. */
const NODE_ONLY = ["better_sqlite3", "worker_threads", "node:fs", "node:http", "node:net", "prom-client", "pino"];

describe.skipIf(missingWorkerd() !== undefined)("the bundle", { timeout: 120_000 }, () => {
  let bundle: Bundle;
  beforeAll(() => {
    bundle = buildWorker();
  }, 120_000);
  afterAll(() => bundle?.remove());

  it("is under 1 MiB", () => {
    expect(bundle.gzipBytes).toBeLessThan(GZIP_BYTES_MAX);
  });

  it("asks for no module of Node's but Buffer and hashes", () => {
    const modules = Array.from(bundle.text.matchAll(/from\s*"((?:node|cloudflare):[\w/]+)"/g), ([, name]) => name);
    expect(new Set(modules)).toEqual(new Set(["cloudflare:workers", "node:buffer", "node:crypto"]));
    expect(NODE_ONLY.filter((word) => bundle.text.includes(word))).toEqual([]);
  });
});
