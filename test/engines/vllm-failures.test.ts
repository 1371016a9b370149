/** A real vLLM that is left, put to sleep, killed and told to end while it answers: what the caller, the ledger and routing see of it. */
import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findPython } from "../../scripts/engines/python.ts";
import { type Process, ready, running, start, stop } from "../../scripts/engines/running.ts";
import { BOUNDS } from "../../src/bounds.ts";
import { total } from "../../src/backends/prometheus.ts";
import { until } from "../edge/support/until.ts";
import { KEYS, MODELS } from "./support/estate.ts";
import { Lane, post } from "./support/lane.ts";
import { engine, missing } from "./support/running.ts";
import { Streaming } from "./support/stream.ts";

const RESTART_MS_MAX = 5 * 60_000;
const NOTICED_MS_MAX = 5_000;
/** What issue and documents promise. */
const ELSEWHERE_MS_MAX = 1_000;
const BACK_MS_MAX = 5_000;

const messages = [{ role: "user", content: "hello world" }];
/** Runs for seconds, since nothing ends it. */
const long = { model: MODELS.chat, messages, max_tokens: 3_500, ignore_eos: true, temperature: 1 };
const short = { model: MODELS.either, messages, max_tokens: 4, ignore_eos: true };

let lane: Lane;
let vllm: Process;
beforeAll(async () => {
  if (missing !== undefined) return;
  vllm = engine("vllm-chat");
  lane = await Lane.start();
}, 60_000);
afterAll(async () => {
  if (missing === undefined && running()["vllm-chat"] === undefined) await restarted();
  await lane?.stop();
}, RESTART_MS_MAX);

async function gauge(name: string): Promise<number> {
  const response = await fetch(`${vllm.url}/metrics`);
  return total(await response.text(), name) ?? NaN;
}

async function flowing(body: object): Promise<Streaming> {
  const stream = await Streaming.open(lane, body);
  await until("tokens come", () => stream.frames > 3);
  return stream;
}

/** Status of a short answer; undefined: there is none within a second. */
async function soon(model: string): Promise<number | undefined> {
  const unheard = new Promise<undefined>((resolve) => setTimeout(resolve, 1_000, undefined));
  return Promise.race([lane.ask("/v1/chat/completions", { ...short, model }).then(({ status }) => status), unheard]);
}

/** Ends what is left of it, starts it anew at its old address, and waits until routing sends to it again. @returns milliseconds from its readiness on */
async function restarted(): Promise<number> {
  await stop(["vllm-chat"]);
  const python = findPython();
  vllm = await start("vllm-chat", python, vllm.port);
  await ready("vllm-chat", vllm, python);
  return until("routing sends to it again", () => lane.isUp("rack-vllm"), 2 * BACK_MS_MAX);
}

describe.skipIf(missing !== undefined)("a caller that leaves", () => {
  it("frees the engine at once", async () => {
    const stream = await flowing(long);
    await until("the engine is at it", async () => (await gauge("vllm:num_requests_running")) === 1);
    stream.leave();
    await until("the engine has let go", async () => (await gauge("vllm:num_requests_running")) === 0, 1_500);
    await until("no token is made any more", still, NOTICED_MS_MAX);
    const row = await lane.settled(stream.request);
    expect(row).toMatchObject({ outcome: "abandoned" });
    expect(row.completion_tokens).toBeGreaterThan(0);
    expect(row.completion_tokens).toBeLessThan(3_500);
  });

  /** The last step is counted when it ends. */
  async function still(): Promise<boolean> {
    const tokens = await gauge("vllm:generation_tokens_total");
    await new Promise((resolve) => setTimeout(resolve, 300));
    return (await gauge("vllm:generation_tokens_total")) === tokens;
  }

  it("frees it while it waits for a whole answer, too", async () => {
    const leave = new AbortController();
    const headers = { authorization: `Bearer ${KEYS.main}`, "content-type": "application/json" };
    const asked = fetch(`${lane.url}/v1/chat/completions`, { method: "POST", headers, body: JSON.stringify(long), signal: leave.signal });
    await until("the engine is at it", async () => (await gauge("vllm:num_requests_running")) === 1);
    leave.abort();
    await expect(asked).rejects.toThrow();
    await until("the engine has let go", async () => (await gauge("vllm:num_requests_running")) === 0, 1_500);
  });
});

describe.skipIf(missing !== undefined)("many callers", () => {
  it("are counted by the engine as by the gateway", async () => {
    const streams = await Promise.all(Array.from({ length: 8 }, () => Streaming.open(lane, { ...long, max_tokens: 60 })));
    await until("all have ended", () => streams.every(({ endedAtMs }) => endedAtMs !== undefined), 30_000);
    expect(streams.map(({ done }) => done)).toEqual(streams.map(() => true));
    for (const { request } of streams)
      expect(await lane.settled(request)).toMatchObject({ completion_tokens: 60, usage_source: "backend" });
  });
});

describe.skipIf(missing !== undefined)("an engine asleep", () => {
  afterEach(() => post(`${vllm.url}/wake_up`, ""));

  it("gets nothing, although it says that it is well; others take over, and it comes back when it wakes", async () => {
    await post(`${vllm.url}/sleep?level=1`, "");
    expect((await fetch(`${vllm.url}/health`)).status).toBe(200);
    await until("routing has seen it", async () => (await soon(MODELS.chat)) === 503, NOTICED_MS_MAX);
    expect(await soon(MODELS.either)).toBe(200);
    await post(`${vllm.url}/wake_up`, "");
    await until("it is asked again", async () => (await soon(MODELS.chat)) === 200, BACK_MS_MAX);
  });
});

describe.skipIf(missing !== undefined)("an engine that dies", () => {
  it(
    "its core killed: the stream ends in an error, others are asked, and it is back when it serves again",
    { timeout: RESTART_MS_MAX },
    async () => {
      const stream = await flowing(long);
      process.kill(coreOf(vllm), "SIGKILL");
      const killedAtMs = performance.now();
      expect((await lane.ask("/v1/chat/completions", short)).status).toBe(200);
      expect(performance.now() - killedAtMs).toBeLessThan(ELSEWHERE_MS_MAX + 2_000);
      await until("the stream has ended", () => stream.endedAtMs !== undefined, 20_000);
      expect([stream.done, stream.error]).toEqual([false, expect.objectContaining({ type: "server_error", code: "engine_failed" })]);
      expect(await lane.settled(stream.request)).toMatchObject({ outcome: "failed" });
      await until("routing knows", async () => !(await lane.isUp("rack-vllm")), NOTICED_MS_MAX);
      expect((await lane.ask("/v1/chat/completions", { ...short, model: MODELS.chat })).status).toBe(503);
      expect(await restarted()).toBeLessThan(BACK_MS_MAX);
      expect((await lane.ask("/v1/chat/completions", { ...short, model: MODELS.chat })).status).toBe(200);
    },
  );

  it("told to end: what it had begun ends well or in an error, and the next one goes elsewhere", { timeout: RESTART_MS_MAX }, async () => {
    const stream = await flowing(long);
    process.kill(vllm.pid, "SIGTERM");
    const endedAtMs = performance.now();
    await until(
      "its next request is answered",
      async () => (await lane.ask("/v1/chat/completions", short)).status === 200,
      ELSEWHERE_MS_MAX,
    );
    for (let asked = 0; asked < 20; asked += 1) expect((await lane.ask("/v1/chat/completions", short)).status).toBe(200);
    await until("the stream has ended", () => stream.endedAtMs !== undefined, BOUNDS.betweenBytesMsMax + 10_000);
    expect((stream.endedAtMs ?? 0) - endedAtMs).toBeLessThan(BOUNDS.betweenBytesMsMax + 5_000);
    expect(stream.error).toEqual(stream.done ? undefined : expect.objectContaining({ type: "server_error" }));
    expect(await lane.settled(stream.request)).toMatchObject({ outcome: stream.done ? "served" : "failed" });
    expect(await restarted()).toBeLessThan(BACK_MS_MAX);
  });
});

/** The process under the server in which the model runs. */
function coreOf({ pid }: Process): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").map(Number);
  const core = children.find((child) => readFileSync(`/proc/${child}/cmdline`, "utf8").includes("EngineCore"));
  if (core === undefined) throw new Error(`process ${pid} has no engine core`);
  return core;
}
