import { describe, expect, it } from "vitest";
import { LLAMACPP, OPENAI, SGLANG, TGI } from "../../../src/backends/dialect.ts";
import { namesIn, probeOpenAi } from "../../../src/backends/probe.ts";
import { asleep, VLLM } from "../../../src/backends/vllm.ts";
import { vllmTranscript } from "../../fixtures/engines/read.ts";
import { asking, type Page } from "./support.ts";

const ok = (body = ""): Page => ({ status: 200, body });
const MODELS = ok(vllmTranscript("a_models").body.toString("utf8"));
const METRICS = vllmTranscript("a_metrics").body.toString("utf8");

const vllm = (over: Record<string, Page>) =>
  probeOpenAi(VLLM, asking({ "/health": ok(), "/v1/models": MODELS, "/metrics": ok(METRICS), ...over }));

describe("vLLM", () => {
  it("tells its models and its load", async () => {
    expect(await vllm({})).toEqual({ ready: new Set(["tiny-llama"]), load: { running: 0, waiting: 0, kvUse: 0 } });
  });

  it("tells its load when it is busy", async () => {
    const busy = ok(`vllm:num_requests_running{e="0"} 2.0\nvllm:num_requests_waiting{e="0"} 4.0\nvllm:kv_cache_usage_perc{e="0"} 0.05\n`);
    expect((await vllm({ "/metrics": busy })).load).toEqual({ running: 2, waiting: 4, kvUse: 0.05 });
  });

  it("serves nothing while asleep although its health route says 200", async () => {
    const sleeping = METRICS.replace('sleep_state="awake"} 1.0', 'sleep_state="awake"} 0.0');
    expect(sleeping).not.toBe(METRICS);
    expect((await vllm({ "/metrics": ok(sleeping) })).ready).toEqual(new Set());
  });

  it("is awake when one of its instances is, or when it does not say", () => {
    const states = (first: number, second: number) =>
      `vllm:engine_sleep_state{engine="0",sleep_state="awake"} ${String(first)}\nvllm:engine_sleep_state{engine="1",sleep_state="awake"} ${String(second)}\n`;
    expect(asleep(states(0, 1))).toBe(false);
    expect(asleep(states(0, 0))).toBe(true);
    expect(asleep("")).toBe(false);
  });

  it("serves nothing when its health or its list of models says so", async () => {
    expect((await vllm({ "/health": { status: 503, body: "" } })).ready).toEqual(new Set());
    expect((await vllm({ "/v1/models": { status: 401, body: '{"error":"Unauthorized"}' } })).ready).toEqual(new Set());
  });

  it("does without a metrics page, but not without health", async () => {
    expect(await probeOpenAi(VLLM, asking({ "/health": ok(), "/v1/models": MODELS }))).toEqual({
      ready: new Set(["tiny-llama"]),
      load: undefined,
    });
    expect(await vllm({ "/metrics": { status: 404, body: "" } })).toEqual({ ready: new Set(["tiny-llama"]), load: undefined });
    await expect(probeOpenAi(VLLM, asking({ "/v1/models": MODELS }))).rejects.toThrow("refused");
  });
});

describe("the others", () => {
  it("SGLang and llama.cpp have their own names for the same numbers", async () => {
    const sglang = ok("sglang:num_running_reqs 3\nsglang:num_queue_reqs 1\nsglang:token_usage 0.5\n");
    expect((await probeOpenAi(SGLANG, asking({ "/health": ok(), "/v1/models": MODELS, "/metrics": sglang }))).load).toEqual({
      running: 3,
      waiting: 1,
      kvUse: 0.5,
    });
    const llama = ok("llamacpp:requests_processing 1\nllamacpp:requests_deferred 0\n");
    expect((await probeOpenAi(LLAMACPP, asking({ "/health": ok(), "/v1/models": MODELS, "/metrics": llama }))).load).toEqual({
      running: 1,
      waiting: 0,
      kvUse: undefined,
    });
  });

  it("TGI cannot say its models; OpenAI's own has nothing but the list", async () => {
    expect((await probeOpenAi(TGI, asking({ "/health": ok() }))).ready).toBeUndefined();
    const ask = asking({ "/v1/models": MODELS });
    expect(await probeOpenAi(OPENAI, ask)).toEqual({ ready: new Set(["tiny-llama"]), load: undefined });
    expect(ask.asked).toEqual(["GET /v1/models"]);
    expect((await probeOpenAi(OPENAI, asking({ "/v1/models": { status: 404, body: "" } }))).ready).toBeUndefined();
  });

  it.each(["", "[]", "null", "{}", '{"data":1}', '{"data":[1,null,{"id":2}]}'])("no names in %s", (body) => {
    expect(namesIn(body).size).toBe(0);
  });
});
