import { describe, expect, it } from "vitest";
import { TRITON_METADATA, TRITON_SERVER, TRITON_STATS } from "./recorded.ts";
import { ask, shape, triton } from "./support.ts";

const names = (raw: readonly string[]) => raw.filter((_, index) => index % 2 === 0);

describe("TritonSimulator", () => {
  it("describes itself and its models as recorded", async () => {
    const { url } = await triton();
    expect((await ask(`${url}/v2`)).text).toBe(TRITON_SERVER);
    const metadata = JSON.parse((await ask(`${url}/v2/models/vllm_model`)).text);
    expect({ ...metadata, platform: "python" }).toEqual(JSON.parse(TRITON_METADATA));
    expect(shape(JSON.parse((await ask(`${url}/v2/models/vllm_model/stats`)).text))).toEqual(shape(JSON.parse(TRITON_STATS)));
    const config = JSON.parse((await ask(`${url}/v2/models/vllm_model/versions/1/config`)).text);
    expect(config).toMatchObject({ backend: "vllm", max_batch_size: 0, model_transaction_policy: { decoupled: true } });
  });

  it("has no headers but the entity's", async () => {
    const { url } = await triton();
    expect(names((await ask(`${url}/v2/health/live`)).rawHeaders)).toEqual(["Content-Length", "Content-Type"]);
    expect(names((await ask(`${url}/v2`)).rawHeaders)).toEqual(["Content-Type", "Content-Length"]);
  });

  it.each([
    ["GET", "/v2/nothing", 404, '{"error":"Not Found"}'],
    ["GET", "/v1/models", 404, '{"error":"Not Found"}'],
    ["GET", "/v2/models/vllm_model/versions/9/ready", 404, '{"error":"Not Found"}'],
    ["POST", "/v2/health/ready", 405, '{"error":"Method Not Allowed"}'],
    ["GET", "/v2/repository/index", 405, '{"error":"Method Not Allowed"}'],
    ["GET", "/v2/models/nope", 404, `{"error":"Request for unknown model: 'nope' is not found"}`],
    ["GET", "/v2/models/vllm%5Fmodel", 404, `{"error":"Request for unknown model: 'vllm%5Fmodel' is not found"}`],
    ["GET", "/v2/models/nope/ready", 400, '{"error":"Model version not ready"}'],
    ["GET", "/v2/models/nope/stats", 400, `{"error":"requested model 'nope' is not available"}`],
    ["POST", "/v2/models/vllm_model/infer", 501, `{"error":"HTTP end point doesn't support models with decoupled transaction policy"}`],
    ["POST", "/v2/repository/models/nope/load", 500, `{"error":"failed to load 'nope', failed to poll from model repository"}`],
  ])("%s %s is a %i", async (method, path, status, text) => {
    const { url } = await triton();
    expect(await ask(url + path, { method })).toMatchObject({ status, text });
  });

  it("loads and unloads; the server's readiness never recovers from an unload", async () => {
    const { url } = await triton({ models: ["a"], unloaded: ["b"] });
    const index = async (body: unknown = {}) => JSON.parse((await ask(`${url}/v2/repository/index`, { body })).text);
    const status = async (path: string, method = "GET") => (await ask(url + path, { method })).status;
    expect(await index()).toEqual([{ name: "a", version: "1", state: "READY" }, { name: "b" }]);
    expect(await status("/v2/repository/models/b/load", "POST")).toBe(200);
    expect(await status("/v2/models/b/ready")).toBe(200);
    expect(await status("/v2/health/ready")).toBe(200);
    expect(await status("/v2/repository/models/a/unload", "POST")).toBe(200);
    expect(await index()).toEqual([
      { name: "a", version: "1", state: "UNAVAILABLE", reason: "unloaded" },
      { name: "b", version: "1", state: "READY" },
    ]);
    expect(await index({ ready: true })).toEqual([{ name: "b", version: "1", state: "READY" }]);
    expect([await status("/v2/models/a/ready"), await status("/v2/health/live"), (await ask(`${url}/v2/health/ready`)).text]).toEqual([
      400,
      200,
      "",
    ]);
    expect(await status("/v2/health/ready")).toBe(400);
    expect((await ask(`${url}/v2/models/a/generate`, { body: { text_input: "x" } })).status).toBe(404);
  });
});
