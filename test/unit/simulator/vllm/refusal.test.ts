import { describe, expect, it } from "vitest";
import { gzipSync } from "node:zlib";
import { ask, chat, user, vllm } from "../support.ts";

const bad = (message: string, param: string | null = null) =>
  JSON.stringify({ error: { message, type: "BadRequestError", param, code: 400 } });
const invalid = (finding: string, param: string) =>
  JSON.stringify({ error: { message: `1 validation error:\n  {${finding}}`, type: "Bad Request", param, code: 400 } });

describe("refusals, word for word as recorded", () => {
  it.each([
    [
      { model: "nope" },
      404,
      '{"error":{"message":"The model `nope` does not exist. Valid aliases: tiny-llama.","type":"NotFoundError","param":"model","code":404}}',
    ],
    [{ max_tokens: 0 }, 400, bad("max_tokens must be at least 1, got 0. (parameter=max_tokens, value=0)", "max_tokens")],
    [
      { max_tokens: 100000 },
      400,
      bad(
        "max_tokens=100000 cannot be greater than max_model_len=4096. Please request fewer output tokens. (parameter=max_tokens, value=100000)",
        "max_tokens",
      ),
    ],
    [
      { messages: "hi" },
      400,
      invalid("'type': 'list_type', 'loc': 'body.messages', 'msg': 'Input should be a valid list', 'input': 'hi'", "body.messages"),
    ],
    [
      { messages: undefined, max_tokens: 8, temperature: 0 },
      400,
      invalid("'type': 'missing', 'loc': 'body.messages', 'msg': 'Field required', 'input': '<dict of 3 items>'", "body.messages"),
    ],
    [{ messages: [] }, 400, bad("Cannot apply chat template to an empty conversation. Provide at least one message.")],
    [{ n: 0 }, 400, bad("n must be at least 1, got 0.")],
    [{ n: 2, temperature: 0 }, 400, bad("n must be 1 when using greedy sampling, got 2.")],
    [{ temperature: -1 }, 400, bad("temperature must be non-negative, got -1.0. (parameter=temperature, value=-1.0)", "temperature")],
    [
      { temperature: "hot" },
      400,
      invalid(
        "'type': 'float_parsing', 'loc': 'body.temperature', 'msg': 'Input should be a valid number, unable to parse string as a number', 'input': 'hot'",
        "body.temperature",
      ),
    ],
    [
      { seed: "x" },
      400,
      invalid(
        "'type': 'int_parsing', 'loc': 'body.seed', 'msg': 'Input should be a valid integer, unable to parse string as an integer', 'input': 'x'",
        "body.seed",
      ),
    ],
    [{ top_p: 2 }, 400, bad("top_p must be in (0, 1], got 2.0. (parameter=top_p, value=2.0)", "top_p")],
    [{ top_logprobs: 2 }, 400, bad("when using `top_logprobs`, `logprobs` must be set to true. (parameter=top_logprobs)", "top_logprobs")],
    [
      { logprobs: true, top_logprobs: 500 },
      400,
      bad("Requested sample logprobs of 500, which is greater than max allowed: 20 (parameter=logprobs, value=500)", "logprobs"),
    ],
    [
      { stream_options: { include_usage: true } },
      400,
      bad("Stream options can only be defined when `stream=True`. (parameter=stream_options)", "stream_options"),
    ],
    [{ tool_choice: "required" }, 400, bad("When using `tool_choice`, `tools` must be set. (parameter=tool_choice)", "tool_choice")],
  ])("%j is a %i", async (more, status, text) => {
    const got = await chat(await vllm({ contextTokensMax: 4096 }), "hello world", more);
    expect([got.status, got.text]).toEqual([status, text]);
  });

  it("does not read what is no JSON object in plain UTF-8", async () => {
    const { url } = await vllm();
    const post = async (body: string | Buffer, headers = {}) =>
      (await ask(`${url}/v1/chat/completions`, { method: "POST", body, headers })).text;
    const unreadable = '{"detail":"There was an error parsing the body"}';
    expect(await post(Buffer.from([0x7b, 0xff, 0x7d]))).toBe(unreadable);
    expect(await post(gzipSync("{}"), { "content-encoding": "gzip" })).toBe(unreadable);
    expect(await post("")).toBe(invalid("'type': 'missing', 'loc': 'body', 'msg': 'Field required', 'input': 'None'", "body"));
    expect(await post("[]")).toBe(
      invalid(
        "'type': 'model_attributes_type', 'loc': 'body', 'msg': 'Input should be a valid dictionary or object to extract fields from', 'input': '<list of 0 items>'",
        "body",
      ),
    );
    expect(JSON.parse(await post('{"a": '))).toMatchObject({ error: { type: "Bad Request", code: 400 } });
    expect(await post("{}", { "content-type": "text/plain" })).toContain("Unsupported Media Type: Only 'application/json' is allowed");
  });

  it("refuses tools without a parser, and prompts that are too long", async () => {
    const tools = [{ type: "function", function: { name: "f" } }];
    const bare = await vllm({ toolCallParser: false, contextTokensMax: 40 });
    expect((await chat(bare, "x", { tools })).text).toBe(
      bad('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set'),
    );
    expect((await chat(bare, "x", { tools, tool_choice: "required" })).text).toBe(
      bad('tool_choice="required" requires --tool-call-parser to be set'),
    );
    expect((await chat(bare, "hello ".repeat(50))).text).toMatch(
      /maximum context length is 40 tokens\. However, your prompt contains \d+ input tokens, which exceeds this limit even without any output tokens\./,
    );
  });

  it("wants the key on /v1 alone, and answers 401 in its own odd form", async () => {
    const { url } = await vllm({ apiKey: "sk-test" });
    const got = await ask(`${url}/v1/models`);
    expect([got.status, got.text, got.headers["vary"]]).toEqual([401, '{"error":"Unauthorized"}', undefined]);
    expect((await ask(`${url}/v1/nope`)).status).toBe(401);
    expect((await ask(`${url}/tokenize`, { body: { prompt: "x" } })).status).toBe(200);
    const headers = { authorization: "Bearer sk-test" };
    expect((await ask(`${url}/v1/chat/completions`, { body: { messages: user("x") }, headers })).status).toBe(200);
  });
});
