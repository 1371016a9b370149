/** A real Triton behind the gateway, with stand-ins for models in the tensors of each kind that it serves: OpenAI's wire in front, the engine's own counts behind. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MODELS } from "./support/estate.ts";
import { type Answer, framesOf, Lane, post } from "./support/lane.ts";
import { missing, urlOf } from "./support/running.ts";
import { saidIn } from "./support/sameness.ts";

const TRITON = urlOf("triton");

let lane: Lane;
beforeAll(async () => {
  if (missing === undefined) lane = await Lane.start();
}, 60_000);
afterAll(() => lane?.stop(), 60_000);

/** By kind; which of them count tokens. */
const TEXTS = [
  ["the backend for LLMs", MODELS.prose, true],
  ["BLS", MODELS.bls, true],
  ["BLS that accumulates", MODELS.accumulating, true],
  ["an ensemble", MODELS.ensemble, true],
  ["the LLM API", MODELS.llmapi, false],
] as const;

const user = (content: string): readonly object[] => [{ role: "user", content }];
const chat = (model: string, content: string, more: object = {}): Promise<Answer> =>
  lane.ask("/v1/chat/completions", { model, messages: user(content), ...more });

describe.skipIf(missing !== undefined).each(TEXTS)("%s", (_, model, counts) => {
  it("answers in one piece and streamed, word for word", async () => {
    const said = "Guten Tag, Welt: 世界 🚀, “quoted”\\n and a line";
    const whole = await chat(model, `[[say:${said}]]`, { max_tokens: 200 });
    expect(whole.json).toMatchObject({
      object: "chat.completion",
      model,
      choices: [{ index: 0, message: { role: "assistant", content: said }, finish_reason: "stop" }],
    });
    const streamed = await chat(model, `[[say:${said}]]`, { max_tokens: 200, stream: true, stream_options: { include_usage: true } });
    const frames = framesOf(streamed);
    expect(saidIn(frames).choices).toMatchObject([{ text: said, finish: "stop" }]);
    expect(frames[0]).toMatchObject({ object: "chat.completion.chunk", model, choices: [{ delta: { role: "assistant" } }] });
    expect(saidIn(frames).usage).toEqual(whole.json.usage);
    expect(new Set(frames.map(({ id }) => id)).size).toBe(1);
  });

  it("gets the conversation as its template has it", async () => {
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "user", content: [{ type: "text", text: "[[prompt]]" }] },
    ];
    const { json } = await lane.ask("/v1/chat/completions", { model, messages, max_tokens: 100 });
    expect(json.choices[0].message.content).toBe("<system>Be brief.\n<user>[[prompt]]\n");
  });

  it("ends at its bound, and is counted as the engine counts", async () => {
    for (const stream of [false, true]) {
      const answer = await chat(model, "[[tokens:30]]", {
        max_tokens: 7,
        stream,
        ...(stream ? { stream_options: { include_usage: true } } : {}),
      });
      const usage = stream ? framesOf(answer).findLast((frame) => (frame.usage ?? null) !== null)?.usage : answer.json.usage;
      const finish = stream ? saidIn(framesOf(answer)).choices[0]?.finish : answer.json.choices[0].finish_reason;
      expect(finish).toBe("length");
      const row = await lane.settled(answer.headers.get("x-request-id"));
      if (counts) {
        expect([row.usage_source, row.prompt_tokens, row.completion_tokens]).toEqual(["backend", usage.prompt_tokens, 7]);
        expect(usage.completion_tokens).toBe(7);
      } else expect([row.usage_source, row.completion_tokens]).toEqual(["estimated", expect.any(Number)]);
    }
  });

  it.each([
    ["one two three four", " three", "one two"],
    ["alpha:beta:gamma", ":be", "alpha"],
    ["no such word", "zzz", "no such word"],
  ])("of “%s” leaves out what follows and includes the stop “%s”", async (said, stop, left) => {
    for (const stream of [false, true]) {
      const answer = await chat(model, `[[say:${said}]]`, { stop: [stop], max_tokens: 50, stream });
      const text = stream ? saidIn(framesOf(answer)).choices[0]?.text : answer.json.choices[0].message.content;
      expect([stream, text]).toEqual([stream, left]);
    }
  });

  it("completes a prompt", async () => {
    const body = { model, prompt: "[[say:abc def]]", max_tokens: 20 };
    const whole = await lane.ask("/v1/completions", body);
    expect(whole.json).toMatchObject({ object: "text_completion", model, choices: [{ text: "abc def", finish_reason: "stop" }] });
    expect(saidIn(framesOf(await lane.ask("/v1/completions", { ...body, stream: true }))).choices).toMatchObject([{ text: "abc def" }]);
  });

  it("the same seed says the same, another does not", async () => {
    const say = async (seed: number): Promise<string> =>
      (await chat(model, "a story", { seed, max_tokens: 12 })).json.choices[0].message.content;
    const [one, again, other] = [await say(1), await say(1), await say(2)];
    expect([again === one, other === one]).toEqual([true, false]);
  });

  it("that fails at once is a status, and later an error in the stream", async () => {
    for (const stream of [false, true])
      expect((await chat(model, "[[fail_after:0]]", { max_tokens: 9, stream })).status).toBeGreaterThanOrEqual(500);
    expect((await chat(model, "[[fail_after:3]]", { max_tokens: 9 })).status).toBeGreaterThanOrEqual(500);
    const { status, text } = await chat(model, "[[fail_after:3]][[tokens:9]]", { max_tokens: 9, stream: true });
    expect(status).toBe(200);
    expect(text).not.toContain("[DONE]");
    const last = JSON.parse(text.trimEnd().split("\n\n").at(-1)?.replace("data: ", "") ?? "");
    expect(last.error).toMatchObject({ type: "server_error", code: "engine_failed" });
    expect(text).not.toMatch(/stand-in|Traceback|triton/i);
  });
});

describe.skipIf(missing !== undefined)("what it is asked", () => {
  it("is what the engine gets when asked directly, and so are its counts", async () => {
    const prompt = "<user>a story\n";
    const sampling = JSON.stringify({ max_tokens: 40, seed: 3 });
    const flags = {
      exclude_input_in_output: true,
      return_num_input_tokens: true,
      return_num_output_tokens: true,
      return_finish_reason: true,
    };
    const direct = await post(`${TRITON}/v2/models/vllm_model/generate`, { text_input: prompt, sampling_parameters: sampling, ...flags });
    const through = await chat(MODELS.prose, "a story", { max_tokens: 40, seed: 3 });
    const { content } = through.json.choices[0].message;
    expect([content, through.json.choices[0].finish_reason]).toEqual([direct.json.text_output, direct.json.finish_reason]);
    expect(through.json.usage).toMatchObject({
      prompt_tokens: direct.json.num_input_tokens,
      completion_tokens: direct.json.num_output_tokens,
    });
  });

  it.each<readonly [string, object]>([
    ["n, where there is one answer", { model: MODELS.bls, n: 2 }],
    [
      "an image",
      {
        model: MODELS.prose,
        messages: [{ role: "user", content: [{ type: "image_url", image_url: { url: "data:image/png;base64,AA==" } }] }],
      },
    ],
    ["a bias", { model: MODELS.bls, logit_bias: { "5": 1 } }],
  ])("and cannot do is refused by name: %s", async (_, body) => {
    const { status, json } = await lane.ask("/v1/chat/completions", { messages: user("hi"), max_tokens: 4, ...body });
    expect([status, json.error.type]).toEqual([400, "invalid_request_error"]);
  });
});

describe.skipIf(missing !== undefined)("embeddings", () => {
  const input = ["hello world", "Grüße, 世界", "hello world"];

  it("are the tensors that the engine gives, in order, with its count", async () => {
    const body = { inputs: [{ name: "TEXT", shape: [3, 1], datatype: "BYTES", data: input }] };
    const direct = await post(`${TRITON}/v2/models/embed_text/infer`, body);
    const tensor = (name: string): readonly number[] => direct.json.outputs.find((one: { name: string }) => one.name === name).data;
    const { json, headers } = await lane.ask("/v1/embeddings", { model: MODELS.hashes, input, encoding_format: "float" });
    expect(json.data.map(({ index }: { index: number }) => index)).toEqual([0, 1, 2]);
    const values = json.data.flatMap(({ embedding }: { embedding: readonly number[] }) => embedding);
    expect(values.map(Math.fround)).toEqual(tensor("EMBEDDING").map(Math.fround));
    const tokens = tensor("TOKENS").reduce((sum, count) => sum + count, 0);
    expect(json.usage).toEqual({ prompt_tokens: tokens, total_tokens: tokens });
    expect(await lane.settled(headers.get("x-request-id"))).toMatchObject({ prompt_tokens: tokens, usage_source: "backend" });
  });

  it("in base64 are the same floats", async () => {
    const ask = async (encoding_format: string): Promise<Answer> =>
      lane.ask("/v1/embeddings", { model: MODELS.hashes, input, encoding_format });
    const [floats, packed] = [await ask("float"), await ask("base64")];
    for (const [at, { embedding }] of packed.json.data.entries()) {
      const bytes = Uint8Array.from(Buffer.from(embedding, "base64"));
      expect([...new Float32Array(bytes.buffer)]).toEqual(floats.json.data[at].embedding.map(Math.fround));
    }
  });

  it("of token ids, padded to the longest", async () => {
    const lists = [[5, 6, 7], [5]];
    const all = await lane.ask("/v1/embeddings", { model: MODELS.ids, input: lists, encoding_format: "float" });
    for (const [at, list] of lists.entries()) {
      const alone = await lane.ask("/v1/embeddings", { model: MODELS.ids, input: list, encoding_format: "float" });
      expect(all.json.data[at].embedding).toEqual(alone.json.data[0].embedding);
    }
    expect(all.json.usage.prompt_tokens).toBe(4);
  });

  it("that fail are the engine's fault", async () => {
    const { status, json } = await lane.ask("/v1/embeddings", { model: MODELS.hashes, input: "[[fail]]" });
    expect([status, json.error.code]).toEqual([502, "engine_failed"]);
  });
});
