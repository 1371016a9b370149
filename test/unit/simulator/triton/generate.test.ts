import { describe, expect, it } from "vitest";
import { TRITON_GENERATE, TRITON_STREAM } from "../recorded.ts";
import { ask, frames, ManualClock, parsed, payloads, shape, triton } from "../support.ts";

const RETURNS = { return_finish_reason: true, return_num_input_tokens: true, return_num_output_tokens: true };
const path = (url: string, route: "generate" | "generate_stream", model = "vllm_model") => `${url}/v2/models/${model}/${route}`;

describe("generate_stream", () => {
  it("sends a frame for each token as recorded, and no [DONE]", async () => {
    const { url } = await triton();
    const body = { id: "st-1", text_input: "hello", stream: true, sampling_parameters: '{"max_tokens":4}', ...RETURNS };
    const got = await ask(path(url, "generate_stream"), { body });
    expect(got.rawHeaders).toEqual(["Content-Type", "text/event-stream; charset=utf-8", "Transfer-Encoding", "chunked"]);
    const sent = payloads(got.text);
    expect(sent.map((text) => shape(JSON.parse(text)))).toEqual(TRITON_STREAM.map((text) => shape(JSON.parse(text))));
    expect(frames(got.text).map((frame) => [frame.finish_reason, frame.num_output_tokens])).toEqual([
      ["None", 1],
      ["None", 1],
      ["None", 1],
      ["length", 1],
    ]);
  });

  it("sends all in one frame without stream, the prompt in front", async () => {
    const { url } = await triton();
    const got = await ask(path(url, "generate_stream"), { body: { text_input: "[[say:b]]a", stream: false } });
    expect(frames(got.text).map(({ text_output }) => text_output)).toEqual(["[[say:b]]ab"]);
  });

  it("shows what the template made of a conversation", async () => {
    const { url } = await triton();
    const prompt = "<|im_start|>user\nhi [[echo]]<|im_end|>\n<|im_start|>assistant\n";
    const got = await ask(path(url, "generate_stream"), {
      body: { text_input: prompt, stream: true, sampling_parameters: '{"max_tokens":200}' },
    });
    expect(
      frames(got.text)
        .map(({ text_output }) => text_output)
        .join(""),
    ).toBe("<|im_start|>user\nhi <|im_end|>\n<|im_start|>assistant");
  });

  it("hears that its client is gone only after the first frame", async () => {
    const clock = new ManualClock();
    const simulator = await triton({ clock });
    let leave = false;
    const body = { text_input: "hello", stream: true, sampling_parameters: '{"max_tokens":1000,"ignore_eos":true}' };
    const early = ask(path(simulator.url, "generate_stream"), { body: { ...body, text_input: "[[fail:reset:0]]" } });
    await early;
    const leaving = ask(path(simulator.url, "generate_stream"), { body, leave: () => (leave = true) });
    await expect.poll(() => simulator.engine.running).toBe(1);
    clock.advance(30);
    await leaving;
    expect(leave).toBe(true);
    await expect.poll(() => simulator.counts.cancelled).toBe(1);
    expect(simulator.engine.running).toBe(0);
  });
});

describe("generate", () => {
  it("answers in one piece as recorded", async () => {
    const { url } = await triton();
    const body = {
      id: "gen-1",
      text_input: "hello",
      exclude_input_in_output: true,
      sampling_parameters: '{"max_tokens":8}',
      return_cumulative_logprob: true,
      return_logprobs: true,
      ...RETURNS,
    };
    const got = await ask(path(url, "generate"), { body });
    expect(got.rawHeaders).toEqual(["Content-Type", "application/json", "Transfer-Encoding", "chunked"]);
    expect(shape(JSON.parse(got.text))).toEqual(shape(JSON.parse(TRITON_GENERATE)));
    expect(parsed(got.text)).toMatchObject({ id: "gen-1", finish_reason: "length", num_output_tokens: 8 });
  });

  it("takes options from parameters, and 16 tokens for granted", async () => {
    const { url } = await triton();
    const tokens = async (body: unknown) => parsed((await ask(path(url, "generate"), { body })).text).num_output_tokens;
    expect(await tokens({ text_input: "x", parameters: { max_tokens: 5, return_num_output_tokens: true } })).toBe(5);
    expect(await tokens({ text_input: "x", return_num_output_tokens: true })).toBe(16);
  });

  it("is 200 with an error for a model that answers several times", async () => {
    const { url } = await triton();
    const got = await ask(path(url, "generate"), { body: { text_input: "x", stream: true } });
    expect([got.status, got.text]).toEqual([200, expect.stringContaining("generate expects model to produce exactly 1 response")]);
    expect(parsed((await ask(path(url, "generate"), { body: { text_input: "[[say:a]]", stream: true } })).text).text_output).toBe("a");
  });

  it("runs to its end although its client left", async () => {
    const clock = new ManualClock();
    const simulator = await triton({ clock });
    const request = new AbortController();
    const left = fetch(path(simulator.url, "generate"), { method: "POST", body: '{"text_input":"hello"}', signal: request.signal }).catch(
      () => "left",
    );
    await expect.poll(() => simulator.engine.running).toBe(1);
    request.abort();
    expect(await left).toBe("left");
    await expect.poll(() => simulator.counts.cancelled).toBe(1);
    expect(simulator.engine.running).toBe(1);
    clock.advance(100_000);
    expect(simulator.engine.totals).toMatchObject({ finished: 1, cancelled: 0 });
  });
});

describe("errors", () => {
  it.each([
    [
      { text_input: "x", sampling_parameters: { max_tokens: 4 } },
      500,
      "Unable to parse JSON bytes array: attempt to access JSON non-string as string",
    ],
    [
      { text_input: "x", parameters: { stop: ["a"] } },
      400,
      "Converting keyword: 'parameters': parameter 'stop' has invalid type. It should be either 'int', 'bool', or 'string'.",
    ],
    [{ text_input: "x", stream: null }, 500, "Unable to parse 'data': attempt to access JSON non-boolean as boolean"],
    [{ text_input: 5 }, 500, "Unable to parse JSON bytes array: attempt to access JSON non-string as string"],
    [
      { parameters: { a: 1 } },
      400,
      "[request id: <id_unknown>] expected number of inputs between 1 and 10 but got 0 inputs for model 'vllm_model'. Got input(s) [], but missing required input(s) ['text_input']. Please provide all required input(s).",
    ],
    [
      { text_input: "x", stream: true, exclude_input_in_output: false },
      400,
      "Error generating stream: When streaming, `exclude_input_in_output` = False is not allowed.",
    ],
    ['{"text_input":', 500, "failed to parse the request JSON buffer: Invalid value. at 14"],
    ["", 500, "failed to parse the request JSON buffer: The document is empty. at 0"],
    ["[]", 500, "attempt to get members for non-object"],
    [{ text_input: "x", id: 7 }, 500, "attempt to access JSON non-string as string"],
  ])("%j is a %i", async (body, status, error) => {
    const { url } = await triton();
    expect(await ask(path(url, "generate"), { method: "POST", body })).toMatchObject({ status, text: JSON.stringify({ error }) });
  });

  it("of the model come as a frame: 400 before the first, 200 after it", async () => {
    const { url } = await triton();
    const missing = await ask(path(url, "generate_stream"), { body: { stream: true } });
    expect(missing).toMatchObject({ status: 400, headers: { "content-type": "text/event-stream; charset=utf-8" } });
    expect(missing.text).toBe(`data: {"error":"Error generating stream: expected string or bytes-like object, got 'NoneType'"}\n\n`);
    const body = { text_input: "x [[fail:error:0]]", stream: true };
    expect(await ask(path(url, "generate_stream"), { body })).toMatchObject({ status: 400, ended: "end" });
    const later = await ask(path(url, "generate_stream"), { body: { ...body, text_input: "x [[fail:error:2]]" } });
    expect([later.status, later.ended, frames(later.text).map(({ error }) => error !== undefined)]).toEqual([
      200,
      "end",
      [false, false, true],
    ]);
  });

  it("a full queue is a 503", async () => {
    const clock = new ManualClock();
    const simulator = await triton({ clock, profile: { sequencesMax: 1, waitingMax: 0 } });
    const running = ask(path(simulator.url, "generate"), { body: { text_input: "x" } });
    await expect.poll(() => simulator.engine.running).toBe(1);
    const refused = await ask(path(simulator.url, "generate_stream"), { body: { text_input: "x", stream: true } });
    expect(refused).toMatchObject({ status: 503, text: '{"error":"[request id: <id_unknown>] Exceeds maximum queue size"}' });
    clock.advance(100_000);
    expect((await running).status).toBe(200);
  });
});

describe("faults", () => {
  const stream = async (knobs: object, text = "hello") => {
    const simulator = await triton();
    simulator.faults.set(knobs);
    return ask(path(simulator.url, "generate_stream"), {
      body: { text_input: text, stream: true, sampling_parameters: '{"max_tokens":3}', ...RETURNS },
    });
  };

  it.each([
    [{ usage: "absent" }, [undefined, undefined, undefined]],
    [{ usage: "zero" }, [0, 0, 0]],
    [{ usage: "cumulative" }, [1, 2, 3]],
    [{ usage: "duplicate" }, [1, 1, 1, 1]],
    [{ usage: "negative" }, [-1, -1, -1]],
    [{ usage: "absurd" }, [1e12, 1e12, 1e12]],
  ])("%j counts %j", async (knobs, expected) => {
    expect(frames((await stream(knobs)).text).map(({ num_output_tokens }) => num_output_tokens)).toEqual(expected);
  });

  it("of bytes and statuses are the same as for any engine", async () => {
    expect((await stream({ cutAfterTokens: 1 })).ended).toBe("ECONNRESET");
    expect(await stream({ resetAfterTokens: 0 })).toMatchObject({ status: 0, ended: "ECONNRESET" });
    expect(await stream({ draining: true })).toMatchObject({ status: 0, ended: "ECONNRESET" });
    expect(await stream({ status: 503, retryAfterS: 2 })).toMatchObject({ status: 503, headers: { "retry-after": "2" } });
    expect((await stream({ html: 200 })).headers["content-type"]).toBe("text/html");
    expect(frames((await stream({ modelName: "other" })).text)[0]?.model_name).toBe("other");
  });
});
