/** `bailiwick init` before real engines, as a newcomer runs it: what it writes is sound, and serves every model that was found. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ADMIN_ENV, ADMIN_KEY } from "../edge/support/estate.ts";
import { bailiwick, type Ended, GatewayProcess } from "../edge/support/gateway-process.ts";
import { until } from "../edge/support/until.ts";
import { post } from "./support/lane.ts";
import { missing, urlOf } from "./support/running.ts";

const URLS = (["vllm-chat", "vllm-embed", "vllm-rerank", "triton"] as const).map(urlOf);
const PLACE = ["--country", "DE", "--operator-country", "DE", "--operator-parents", "DE", "--context", "512"];

const folder = mkdtempSync(join(tmpdir(), "bailiwick-init-"));
const file = join(folder, "bailiwick.yaml");
let ended: Ended;
beforeAll(async () => {
  if (missing === undefined) ended = await bailiwick(["init", "--backend", URLS.join(","), ...PLACE, "--out", file], folder);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe.skipIf(missing !== undefined)("init before vLLM and Triton", () => {
  it("recognises each engine, its models and what they can do", () => {
    expect(ended.output).toContain("vllm, 1 model");
    expect(ended.code).toBe(0);
    const { backends, models } = parse(readFileSync(file, "utf8"));
    expect(Object.values(backends)).toMatchObject(
      URLS.map((url, at) => ({ base_url: url, engine: at < 3 ? "vllm" : "triton", site: "main" })),
    );
    expect(models).toMatchObject({
      "tiny-llama": { capabilities: ["chat", "completions", "tokenize"], context_tokens_max: 4_096 },
      "tiny-embed": { capabilities: ["embeddings", "tokenize", "rerank"], context_tokens_max: 512 },
      "tiny-rerank": { capabilities: ["tokenize", "rerank"] },
      vllm_model: { capabilities: ["completions"] },
      ensemble: { capabilities: ["completions"] },
      embed_text: { capabilities: ["embeddings"] },
      embed_ids: { capabilities: ["embeddings"] },
    });
    for (const part of ["preprocessing", "postprocessing", "tensorrt_llm"]) expect(models).not.toHaveProperty([part]);
  });

  it("writes a file that is sound", async () => {
    expect(await bailiwick(["check", file], folder)).toMatchObject({ code: 0, output: expect.stringContaining("sound") });
  });

  it("serves with it, once a key has been made", async () => {
    const text = readFileSync(file, "utf8")
      .replace('listen: ["127.0.0.1:8080"]', 'listen: [{ address: "127.0.0.1:0", msp: main }]')
      .replace(/# admin: .*/, `admin: { address: "127.0.0.1:0", key: { env: ${ADMIN_ENV} } }`);
    writeFileSync(file, text);
    const gateway = await GatewayProcess.start(file, folder);
    try {
      const [port = 0, admin = 0] = gateway.ports;
      const made = await post(
        `http://127.0.0.1:${admin}/admin/keys`,
        { project: "default", name: "first" },
        { authorization: `Bearer ${ADMIN_KEY}` },
      );
      const authorization = `Bearer ${made.json.value}`;
      const ask = (path: string, body: object): ReturnType<typeof post> => post(`http://127.0.0.1:${port}${path}`, body, { authorization });
      const said = { prompt: "hello", max_tokens: 3 };
      await until("it completes by vLLM", async () => (await ask("/v1/completions", { model: "tiny-llama", ...said })).status === 200);
      await until("and by Triton", async () => (await ask("/v1/completions", { model: "vllm_model", ...said })).status === 200);
      for (const model of ["tiny-embed", "embed_text"]) expect((await ask("/v1/embeddings", { model, input: "hello" })).status).toBe(200);
    } finally {
      gateway.signal("SIGTERM");
      await gateway.exit(40_000);
    }
  });
});
