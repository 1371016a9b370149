/** What is handed to `wrangler d1 execute`: a configuration is judged before it is published, and its secrets stay outside. */
import { describe, expect, it } from "vitest";
import { publication } from "../../scripts/worker-configuration.ts";
import { keyStatements } from "../../scripts/worker-key.ts";
import { estateYaml } from "../edge/support/estate.ts";
import { MemoryD1 } from "../unit/storage/fixtures/sqlites.ts";
import { workerHash } from "../../src/entry/worker/hash.ts";
import { StoredConfiguration } from "../../src/storage/d1/configuration.ts";

const URLS = { vllm: "http://127.0.0.1:1", triton: "http://127.0.0.1:2", embedding: "http://127.0.0.1:3" };
const RACK = `rack-vee: { site: site-obscura, engine: vllm, base_url: "${URLS.vllm}", credential: { env: ENGINE_KEY }, models: { inner-vee: weights } }`;
const YAML = estateYaml({ urls: URLS, dataDir: "d" })
  .replace("served_name:", "triton: { kind: vllm }\n        served_name:")
  .replace(/rack-vee: .*/, RACK);

const read = (text: string) => publication({ file: "it's.yaml", readFile: () => text, nowMs: 5_000 });

describe("a publication", () => {
  it("puts the whole file in force, and names the secrets that the Worker needs", async () => {
    const { sql, secrets } = read(YAML);
    expect(secrets).toEqual(["EDGE_ADMIN_KEY", "ENGINE_KEY"]);
    const d1 = new MemoryD1();
    for (const round of [1, 2]) for (const line of sql.trim().split("\n")) d1.database.exec(line + " ".repeat(round));
    const stored = new StoredConfiguration(d1, (text) => workerHash.sha256(text));
    const version = await stored.version();
    expect(await stored.read(version ?? "")).toMatchObject({
      epoch: 5,
      file: "it's.yaml",
      text: expect.stringContaining("rack-vee"),
      files: {},
    });
    expect(sql).not.toContain("a-secret-of-the-worker");
  });

  it("is refused for everything that a Worker would refuse", () => {
    expect(() => read("nonsense: true")).toThrow(/nonsense/);
    expect(() => read(estateYaml({ urls: URLS, dataDir: "d" }))).toThrow(/triton\.kind/);
  });
});

describe("statements for a key", () => {
  const chances = { nowMs: 1_000, id: "key_1", secret: "sk-1234" };

  it("never hold its secret", () => {
    const { sql, aside } = keyStatements(["create", "--project", "p", "--name", "n"], chances);
    expect([sql.includes(chances.secret), aside]).toEqual([false, "key_1 sk-1234\n"]);
  });

  it("say how they are used, and take no end in the past and no line break", () => {
    for (const args of [[], ["create"], ["revoke"], ["create", "--project", "p"]])
      expect(() => keyStatements(args, chances)).toThrow("usage");
    expect(() => keyStatements(["create", "--project", "p", "--name", "n", "--expires", "1970-01-01T00:00:00Z"], chances)).toThrow(
      "future",
    );
    expect(() => keyStatements(["create", "--project", "p", "--name", "a\nb"], chances)).toThrow("one line");
  });
});
