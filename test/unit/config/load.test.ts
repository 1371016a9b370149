import { readFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { backendId, modelId, mspId, tenantId } from "../../../src/domain/ids.ts";
import { findingText } from "../../../src/config/finding.ts";
import { declared, findings, load, SOUND, spoiled, told } from "./sample.ts";

describe("a sound file", () => {
  it("fits thirty lines as an example", () => {
    const text = readFileSync(new URL("../../../examples/bailiwick.yaml", import.meta.url), "utf8");
    expect(text.trimEnd().split("\n").length).toBeLessThanOrEqual(31);
    expect(findings(text)).toEqual([]);
  });

  it("fills in what may be left out", () => {
    const estate = declared(SOUND);
    expect(estate.settings).toEqual({
      listen: [{ host: "127.0.0.1", port: 8080, msp: undefined }],
      admin: { host: "127.0.0.1", port: 9090, keyHash: undefined },
      trustedProxies: [],
      dataDir: ".bailiwick",
      fsync: false,
      logLevel: "info",
      deadlines: { firstByteMsMax: BOUNDS.firstByteMsMax, betweenBytesMsMax: BOUNDS.betweenBytesMsMax, totalMsMax: BOUNDS.totalMsMax },
    });
    expect(estate.tenants.get(tenantId("clinic"))).toMatchObject({ msp: "shop", name: "clinic", defaultClass: "secret" });
    expect(estate.backends.get(backendId("gpu-1"))).toMatchObject({
      site: "fra",
      operator: "acme",
      weight: 1,
      concurrencyMax: 256,
      credential: undefined,
    });
    expect(estate.models.get(modelId("llama"))?.capabilities).toEqual(new Set(["chat", "completions", "tokenize"]));
  });

  it("prices in micro-units, cached input as input", () => {
    const alias = declared(SOUND).msps.get(mspId("shop"))?.aliases.get("chat");
    expect(alias?.price).toEqual({ inputMicroPerMillion: 250_000, cachedInputMicroPerMillion: 250_000, outputMicroPerMillion: 1_500_000 });
    expect(alias?.ownedBy).toBe("shop");
  });

  it("keeps zero limits apart from absent ones", () => {
    const { limits } =
      declared(spoiled("clinic: {}", 'clinic: { limits: { requests_per_minute: 0, budget_per_month: "10.5" } }')).tenants.get(
        tenantId("clinic"),
      ) ?? {};
    expect(limits).toEqual({ requestsPerMinute: 0, tokensPerMinute: undefined, concurrency: undefined, budgetPerMonth: 10_500_000 });
  });

  it("takes key hashes as hex or base64url and gives one spelling", () => {
    const digest = createHash("sha256").update("sk-test").digest();
    for (const hash of [digest.toString("hex"), digest.toString("base64url"), `${digest.toString("base64url")}=`]) {
      const [key] = declared(`${SOUND}keys: { k: { hash: "sha256:${hash}", expires: 2027-01-01T00:00:00Z, models: [chat] } }\n`).keys;
      expect(key).toMatchObject({
        id: "k",
        project: "research",
        hash: digest.toString("base64url"),
        expiresAtMs: Date.UTC(2027, 0, 1),
        createdAtMs: 0,
      });
      expect(key?.models).toEqual(new Set(["chat"]));
    }
  });

  it("resolves secrets from the environment and from files beside it", () => {
    const text =
      spoiled("models: { llama: {} } }", "models: { llama: {} }, credential: { file: engine.key } }") +
      "server: { admin: { key: { env: ADMIN } } }\n";
    const estate = declared(text, { file: "/etc/b/b.yaml", files: { "/etc/b/engine.key": "sk-engine\n" }, env: { ADMIN: "hush" } });
    expect(estate.backends.get(backendId("gpu-1"))?.credential).toBe("sk-engine");
    expect(estate.settings.admin.keyHash).toBe(createHash("sha256").update("hush").digest("base64url"));
  });
});

describe("a wrong file", () => {
  it("tells every error at once, in order of place", () => {
    const text = `server: { log_levle: info }
operators:
  acme: { country: de, parents: [] }
sites:
  fra: { operator: acm }
models:
  llama: { context_tokens_max: "8k" }
backends:
  gpu-1: { engine: vlm, base_url: "http://x", models: { lama: {} }, credential: { env: NOPE } }
msps:
  a: { hosts: [one.example], price_book: { version: "1", currency: EUR }, aliases: { l: { model: lama, price: { input: "0.1234567", output: "1" } } } }
  b: { hosts: [one.example], price_book: { version: "1", currency: EUR } }
tenants: { t: {} }
`;
    const found = findings(text);
    expect(found.map((finding) => finding.path)).toEqual([
      "self",
      "server.log_levle",
      "operators.acme.country",
      "operators.acme.parents",
      "sites.fra.operator",
      "models.llama.context_tokens_max",
      "backends.gpu-1.engine",
      "backends.gpu-1.models.lama",
      "backends.gpu-1.credential.env",
      "msps.a.aliases.l.model",
      "msps.a.aliases.l.price.input",
      "msps.b.hosts[0]",
      "tenants.t.msp",
    ]);
    expect(found.map((finding) => finding.line)).toEqual([1, 1, 3, 3, 5, 7, 9, 9, 9, 11, 11, 12, 13]);
  });

  it("says where, what and what to do", () => {
    const [first] = findings(spoiled("engine: vllm", "engine: vlm"));
    expect(first === undefined ? "" : findingText(first)).toBe(
      'b.yaml:9:20: backends.gpu-1.engine: "vlm" is not known here (did you mean "vllm"?)',
    );
  });

  it("never repeats a secret that was written inline", () => {
    const text =
      spoiled("models: { llama: {} } }", "models: { llama: {} }, credential: sk-verysecret }") + "keys: { k: { hash: sk-alsosecret } }\n";
    expect(told(text)).toHaveLength(2);
    expect(JSON.stringify(findings(text))).not.toMatch(/verysecret|alsosecret/);
  });

  it("names the secret that is missing", () => {
    const credential = (given: string): string => spoiled("models: { llama: {} } }", `models: { llama: {} }, credential: ${given} }`);
    expect(told(credential("{ env: KEY }"))).toEqual(["backends.gpu-1.credential.env: environment variable KEY is not set"]);
    expect(told(credential("{ env: KEY }"), { env: { KEY: "" } })).toEqual([
      "backends.gpu-1.credential.env: environment variable KEY is empty",
    ]);
    expect(told(credential("{ env: KEY }"), { env: { KEY: "a\r\nb: c" } })).toEqual([
      "backends.gpu-1.credential.env: the secret holds characters that no header may carry",
    ]);
    expect(told(credential("{ file: k }"))).toEqual(["backends.gpu-1.credential.file: cannot read k"]);
    expect(told(credential("{ env: KEY, file: k }"))).toEqual(["backends.gpu-1.credential: a secret is kept either in env or in file"]);
    expect(told(credential("{}"))).toEqual(["backends.gpu-1.credential: a secret is kept either in env or in file"]);
  });

  it("refuses what is too large before parsing it", () => {
    expect(told("#".repeat(BOUNDS.configBytesMax + 1))[0]).toMatch(/at most \d+ are read/);
  });

  it("refuses an empty file and a list", () => {
    for (const text of ["", "# nothing\n", "- a\n", "just text\n"]) expect(told(text)).toEqual([": the file must hold a mapping"]);
  });

  it("stops at a broken syntax with its place", () => {
    const [first] = findings("operators:\n  acme: [DE\n");
    expect(first?.message).toMatch(/^not valid YAML: /);
    expect(first?.line).toBeGreaterThanOrEqual(2);
  });

  it("bounds the number of findings", () => {
    const text = `${SOUND}${Array.from({ length: BOUNDS.configFindingsMax + 50 }, (_, index) => `x${index}: 1`).join("\n")}\n`;
    const found = findings(text);
    expect(found).toHaveLength(BOUNDS.configFindingsMax + 1);
    expect(found.at(-1)?.message).toBe("50 more findings are not shown");
  });

  it("gives either a declaration or findings, never both", () => {
    expect(Object.keys(load(SOUND))).toEqual(["declared"]);
    expect(Object.keys(load("x: 1"))).toEqual(["findings"]);
  });
});
