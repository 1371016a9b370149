/** Every fault, as a client on a real socket sees it. */
import { describe, expect, it } from "vitest";
import { gunzipSync } from "node:zlib";
import type { Knobs } from "../../../../src/simulator/faults.ts";
import { BUSY_FRAME, ENGINE_DIED_FRAME } from "../recorded.ts";
import { ask, chat, frames, ManualClock, parsed, payloads, streamed, user, vllm } from "../support.ts";

const STREAM = { stream: true, max_tokens: 6, stream_options: { include_usage: true } };

/** A fault for all requests, and the same by directive for one: both must do the same. */
async function struck(knobs: Knobs, directive: string, more: Record<string, unknown> = {}) {
  const simulator = await vllm();
  const one = await chat(simulator, `hello [[fail:${directive}]]`, more);
  simulator.faults.set(knobs);
  const all = await chat(simulator, "hello", more);
  expect([all.status, all.ended]).toEqual([one.status, one.ended]);
  return all;
}

describe("faults of the whole answer", () => {
  it.each([
    [{ status: 500 }, "500", 500, undefined],
    [{ status: 503 }, "503", 503, undefined],
    [{ status: 503, retryAfterS: 7 }, "503:7", 503, "7"],
    [{ status: 429 }, "429", 429, undefined],
    [{ status: 429, retryAfterS: 3 }, "429:3", 429, "3"],
    [{ status: 401 }, "401", 401, undefined],
  ] as const)("%j: status %s", async (knobs, directive, status, retryAfter) => {
    const got = await struck(knobs, directive);
    expect([got.status, got.headers["retry-after"]]).toEqual([status, retryAfter]);
    expect(parsed(got.text).error).toBeDefined();
  });

  it("html: a page of somebody else", async () => {
    const got = await struck({ html: 502 }, "html");
    expect([got.status, got.headers["content-type"]]).toEqual([502, "text/html"]);
    expect(got.text).toContain("<html>");
  });

  it("gzip: compressed, whole and streamed", async () => {
    for (const more of [{}, STREAM]) {
      const got = await struck({ gzip: true }, "gzip", more);
      expect(got.headers["content-encoding"]).toBe("gzip");
      expect(gunzipSync(got.bytes).toString()).toContain('"choices"');
    }
  });

  it("invalidUtf8: bytes that no decoder takes", async () => {
    for (const more of [{}, STREAM]) {
      const got = await struck({ invalidUtf8: true }, "utf8", more);
      expect(() => new TextDecoder("utf-8", { fatal: true }).decode(got.bytes)).toThrow();
    }
  });

  it("endlessLine: a line without an end, until the client has enough", async () => {
    const simulator = await vllm();
    simulator.faults.set({ endlessLine: true });
    const body = { messages: user("x"), stream: true };
    const got = await ask(`${simulator.url}/v1/chat/completions`, { body, leave: (bytes) => bytes.length > 100_000 });
    expect([got.status, got.text.includes("\n")]).toEqual([200, false]);
  });

  it("dripMs: one byte at a time", async () => {
    const simulator = await vllm();
    simulator.faults.set({ dripMs: 1 });
    const got = await chat(simulator, "[[say:a]]", STREAM);
    expect([got.ended, streamed(got.text), payloads(got.text).at(-1)]).toEqual(["end", "a", "[DONE]"]);
  });

  it("modelName: another model in the answer", async () => {
    const got = await struck({ modelName: "another-model" }, "model-name");
    expect(parsed(got.text).model).toBe("another-model");
  });

  it("draining: running streams finish, health is well, what is new is a 500", async () => {
    const clock = new ManualClock();
    const simulator = await vllm({ clock });
    const running = chat(simulator, "hello", STREAM);
    await expect.poll(() => simulator.engine.running).toBe(1);
    simulator.faults.set({ draining: true });
    expect((await ask(`${simulator.url}/health`)).status).toBe(200);
    expect((await chat(simulator, "late")).text).toContain("cannot schedule new futures after shutdown");
    clock.advance(10_000);
    expect(payloads((await running).text).at(-1)).toBe("[DONE]");
  });
});

describe("faults between tokens", () => {
  it("cutAfterTokens: the connection ends in the middle of a frame", async () => {
    const got = await struck({ cutAfterTokens: 2 }, "cut:2", STREAM);
    expect(got.ended).toBe("ECONNRESET");
    expect(frames(got.text.slice(0, got.text.lastIndexOf("\n\n"))).length).toBe(3);
    expect(got.text.endsWith("\n\n")).toBe(false);
    expect((await struck({ cutAfterTokens: 2 }, "cut:2")).ended).toBe("ECONNRESET");
  });

  it("resetAfterTokens: a reset, before the head for 0", async () => {
    expect(await struck({ resetAfterTokens: 0 }, "reset", STREAM)).toMatchObject({ status: 0, ended: "ECONNRESET" });
    expect(await struck({ resetAfterTokens: 2 }, "reset:2", STREAM)).toMatchObject({ status: 200, ended: "ECONNRESET" });
    expect(await struck({ resetAfterTokens: 2 }, "reset:2")).toMatchObject({ status: 0, ended: "ECONNRESET" });
  });

  it("errorAfterTokens: an error frame, [DONE] and a clean end; the very first frame for 0", async () => {
    const first = await struck({ errorAfterTokens: 0 }, "error", STREAM);
    expect(first).toMatchObject({ status: 200, ended: "end", text: `${ENGINE_DIED_FRAME}\n\ndata: [DONE]\n\n` });
    const later = await struck({ errorAfterTokens: 3 }, "error:3", STREAM);
    expect(frames(later.text).map(({ error }) => error !== undefined)).toEqual([false, false, false, false, true]);
    expect(payloads(later.text).at(-1)).toBe("[DONE]");
    expect((await struck({ errorAfterTokens: 3 }, "error:3")).status).toBe(500);
  });

  it("stallAfterTokens: silence after so many tokens, while the rest of the server is well", async () => {
    const simulator = await vllm();
    simulator.faults.set({ stallAfterTokens: 2 });
    let bytes = 0;
    let leave = false;
    const stalled = ask(`${simulator.url}/v1/chat/completions`, {
      body: { messages: user("hello"), ...STREAM },
      leave: (all) => ((bytes = all.length), leave),
    });
    await expect.poll(() => simulator.engine.running + (bytes > 0 ? 0 : 1)).toBe(0);
    const before = bytes;
    expect((await ask(`${simulator.url}/health`)).status).toBe(200);
    expect(bytes).toBe(before);
    expect(simulator.counts.open).toBe(1);
    leave = true;
    await simulator.stop();
    expect(frames((await stalled).text)).toHaveLength(3);
  });

  it("stallMs and stallFirstByteMs: the same, but it goes on", async () => {
    for (const knobs of [{ stallAfterTokens: 2, stallMs: 5_000 }, { stallFirstByteMs: 5_000 }] as const) {
      const clock = new ManualClock();
      const simulator = await vllm({ clock });
      simulator.faults.set(knobs);
      const got = chat(simulator, "hello", STREAM);
      await expect.poll(() => simulator.engine.running).toBe(1);
      clock.advance(4_000);
      expect([simulator.engine.running, simulator.counts.open]).toEqual([0, 1]);
      clock.advance(2_000);
      expect(payloads((await got).text)).toHaveLength(9);
    }
  });
});

describe("faults of usage", () => {
  const usages = async (knobs: Knobs, directive: string, more = STREAM) =>
    frames((await struck(knobs, directive, more)).text).flatMap(({ usage }) => (usage ? [usage] : []));

  it.each([
    [{ usage: "absent" }, "usage-absent", []],
    [{ usage: "zero" }, "usage-zero", [0]],
    [{ usage: "duplicate" }, "usage-duplicate", [6, 6]],
    [{ usage: "cumulative" }, "usage-cumulative", [0, 1, 2, 3, 4, 5, 6]],
    [{ usage: "negative" }, "usage-negative", [-6]],
    [{ usage: "absurd" }, "usage-absurd", [1e12]],
    [{ usageInEveryFrame: true }, "usage-every-frame", [0, 1, 2, 3, 4, 5, 6, 6]],
  ] as const)("%j: completion tokens %j", async (knobs, directive, expected) => {
    expect((await usages(knobs, directive)).map((usage) => usage["completion_tokens"])).toEqual(expected);
  });

  it("absent is null in a whole answer", async () => {
    expect(parsed((await struck({ usage: "absent" }, "usage-absent")).text).usage).toBeNull();
  });
});

describe("faults of the server", () => {
  it("neverAnswer: not even health", async () => {
    const simulator = await vllm();
    simulator.faults.set({ neverAnswer: true });
    const health = ask(`${simulator.url}/health`);
    await expect.poll(() => simulator.counts.open).toBe(1);
    await simulator.stop();
    expect(await health).toMatchObject({ status: 0, ended: "ECONNRESET" });
  });

  it("sleeping: health well, metrics asleep, requests hang until woken", async () => {
    const simulator = await vllm();
    expect((await ask(`${simulator.url}/sleep?level=1`, { method: "POST", body: {} })).text).toBe('{"status":"sleeping","level":1}');
    const hanging = chat(simulator, "[[say:morning]]");
    await expect.poll(() => simulator.engine.waiting).toBe(1);
    expect((await ask(`${simulator.url}/health`)).status).toBe(200);
    const { text } = await ask(`${simulator.url}/metrics`);
    expect(text).toContain('vllm:engine_sleep_state{engine="0",model_name="tiny-llama",sleep_state="awake"} 0.0');
    expect(text).toContain('vllm:num_requests_waiting{engine="0",model_name="tiny-llama"} 0.0');
    expect((await ask(`${simulator.url}/is_sleeping`)).text).toBe('{"is_sleeping":true}');
    await ask(`${simulator.url}/wake_up`, { method: "POST", body: {} });
    expect(parsed((await hanging).text).choices?.[0]?.message?.content).toBe("morning");
  });

  it("refuse: nobody listens, until it is well again", async () => {
    const simulator = await vllm();
    simulator.faults.set({ refuse: true });
    expect((await ask(`${simulator.url}/health`)).ended).toBe("ECONNREFUSED");
    simulator.faults.clear();
    await expect.poll(async () => (await ask(`${simulator.url}/health`)).status).toBe(200);
  });

  it("shutdownHang: the port closes, what runs hangs without a byte and without an end", async () => {
    const clock = new ManualClock();
    const simulator = await vllm({ clock });
    let bytes = 0;
    const hanging = ask(`${simulator.url}/v1/chat/completions`, {
      body: { messages: user("hello"), ...STREAM },
      leave: (all) => ((bytes = all.length), false),
    });
    await expect.poll(() => simulator.engine.running).toBe(1);
    clock.advance(30);
    await expect.poll(() => bytes).toBeGreaterThan(0);
    const before = bytes;
    simulator.faults.set({ shutdownHang: true });
    clock.advance(60_000);
    expect((await ask(`${simulator.url}/health`)).ended).toBe("ECONNREFUSED");
    expect([bytes, simulator.counts.open]).toEqual([before, 1]);
    await simulator.stop();
    expect((await hanging).ended).toBe("ECONNRESET");
  });
});

it("a full queue is a 503, but 200 and an error frame for a stream", async () => {
  const clock = new ManualClock();
  const simulator = await vllm({ clock, profile: { sequencesMax: 1, waitingMax: 0 } });
  const running = chat(simulator, "hello");
  await expect.poll(() => simulator.engine.running).toBe(1);
  const refused = await chat(simulator, "hello");
  expect([refused.status, parsed(refused.text).error]).toEqual([503, expect.objectContaining({ type: "Service Unavailable", code: 503 })]);
  expect(await chat(simulator, "hello", STREAM)).toMatchObject({ status: 200, text: `${BUSY_FRAME}\n\ndata: [DONE]\n\n` });
  clock.advance(100_000);
  expect((await running).status).toBe(200);
  expect((await ask(`${simulator.url}/metrics`)).text).toContain(
    'vllm:admission_rejections_total{model_name="tiny-llama",reason="max_num_queued_reqs"} 2.0',
  );
});
