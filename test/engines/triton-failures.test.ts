/** A real Triton that is left, overloaded, loses a model, is killed and comes back: what the caller, the ledger and routing see of it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findPython } from "../../scripts/engines/python.ts";
import { type Process, ready, running, start, stop } from "../../scripts/engines/running.ts";
import { total } from "../../src/backends/prometheus.ts";
import { until } from "../edge/support/until.ts";
import { MODELS } from "./support/estate.ts";
import { type Answer, Lane, post } from "./support/lane.ts";
import { engine, missing } from "./support/running.ts";
import { Streaming } from "./support/stream.ts";

const RESTART_MS_MAX = 2 * 60_000;
const NOTICED_MS_MAX = 5_000;
const BACK_MS_MAX = 5_000;

const user = (content: string): readonly object[] => [{ role: "user", content }];
/** A hundred seconds of it. */
const slow = { messages: user("[[tokens:1000]][[delay_ms:100]]"), max_tokens: 1_000 };

let lane: Lane;
let triton: Process;
beforeAll(async () => {
  if (missing !== undefined) return;
  triton = engine("triton");
  lane = await Lane.start();
}, 60_000);
afterAll(async () => {
  if (missing === undefined && running().triton === undefined) await restarted();
  await lane?.stop();
}, RESTART_MS_MAX);

/** Tokens that the model behind the vLLM backend's tensors has made; Triton's metrics stand on the port after its own. */
async function generated(): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${triton.port + 1}/metrics`);
  return total(await response.text(), "vllm:generation_tokens_total") ?? NaN;
}

const say = (model: string): Promise<Answer> => lane.ask("/v1/chat/completions", { model, messages: user("[[say:yes]]"), max_tokens: 4 });

async function restarted(): Promise<number> {
  await stop(["triton"]);
  const python = findPython();
  triton = await start("triton", python, triton.port);
  await ready("triton", triton, python);
  return until("routing sends to it again", async () => (await say(MODELS.prose)).status === 200, 2 * BACK_MS_MAX);
}

describe.skipIf(missing !== undefined)("a caller of Triton that leaves", () => {
  let seen: unknown;

  it.each([true, false])("ends the model's work, stream %s", async (stream) => {
    const [before, leave] = [await generated(), new AbortController()];
    const opening = Streaming.open(lane, { model: MODELS.prose, ...slow, stream }, leave);
    opening.catch(() => undefined);
    await until("it is at work", async () => (await generated()) > before + 2);
    leave.abort();
    await until("the model has stopped", stopped, 3_000);
    const abandoned = (): unknown => lane.gateway.log.findLast(({ outcome }) => outcome === "abandoned")?.["request"];
    await until("the gateway has said so", () => abandoned() !== seen);
    const { outcome, completion_tokens } = await lane.settled(String((seen = abandoned())));
    expect([outcome, completion_tokens < 100]).toEqual(["abandoned", true]);
  });

  /** No token more within half a second, at ten a second. */
  async function stopped(): Promise<boolean> {
    const before = await generated();
    await new Promise((resolve) => setTimeout(resolve, 500));
    return (await generated()) === before;
  }
});

describe.skipIf(missing !== undefined)("Triton with a full queue", () => {
  it("is an engine that is overloaded: a status to come back on, and no illness", async () => {
    const ask = (): Promise<Answer> => lane.ask("/v1/embeddings", { model: MODELS.hashes, input: "[[delay_ms:400]]" });
    const answers = await Promise.all(Array.from({ length: 12 }, ask));
    const refused = answers.filter(({ status }) => status !== 200);
    expect(refused.length).toBeGreaterThan(0);
    for (const { status, json, headers } of refused) {
      expect([status, json.error.code]).toEqual([503, "engine_overloaded"]);
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
    }
    expect((await lane.ask("/v1/embeddings", { model: MODELS.hashes, input: "hello" })).status).toBe(200);
  });
});

describe.skipIf(missing !== undefined)("a model that Triton unloads", () => {
  const repository = (act: string): Promise<Answer> => post(`${triton.url}/v2/repository/models/embed_ids/${act}`, {});
  const ask = async (): Promise<number> => (await lane.ask("/v1/embeddings", { model: MODELS.ids, input: [1, 2] })).status;

  it("is gone, and no other; it comes back when it is loaded again", async () => {
    await until("it serves", async () => (await ask()) === 200);
    await repository("unload");
    await until("it is gone", async () => (await ask()) === 503, NOTICED_MS_MAX);
    // Its server says that it is not ready now; models that serve do not suffer from that.
    expect((await fetch(`${triton.url}/v2/health/ready`)).status).toBe(400);
    expect((await say(MODELS.prose)).status).toBe(200);
    await repository("load");
    await until("it serves again", async () => (await ask()) === 200, BACK_MS_MAX);
  });
});

describe.skipIf(missing !== undefined)("a Triton that is killed", () => {
  it("ends its streams in errors; others are asked, and it is back when it serves again", { timeout: RESTART_MS_MAX }, async () => {
    const streams = await Promise.all([MODELS.prose, MODELS.bls, MODELS.ensemble].map((model) => Streaming.open(lane, { model, ...slow })));
    await until("all of them speak", () => streams.every(({ frames }) => frames > 2));
    process.kill(-triton.pid, "SIGKILL");
    const killedAtMs = performance.now();
    expect((await say(MODELS.either)).status).toBe(200);
    expect(performance.now() - killedAtMs).toBeLessThan(3_000);
    await until("the streams have ended", () => streams.every(({ endedAtMs }) => endedAtMs !== undefined));
    for (const { done, error, request } of streams) {
      expect([done, error]).toEqual([false, expect.objectContaining({ type: "server_error" })]);
      expect(await lane.settled(request)).toMatchObject({ outcome: "failed" });
    }
    expect((await say(MODELS.prose)).status).toBeGreaterThanOrEqual(502);
    expect(await restarted()).toBeLessThan(BACK_MS_MAX);
  });
});
