import { expect, it } from "vitest";
import { DETOKENIZE, TOKENIZE } from "../recorded.ts";
import { ask, shape, user, vllm } from "../support.ts";

it("tokenizes a prompt and gives it back, in the recorded shapes", async () => {
  const { url } = await vllm({ contextTokensMax: 4096 });
  const got = await ask(`${url}/tokenize`, { body: { model: "tiny-llama", prompt: "hello world" } });
  expect(shape(JSON.parse(got.text))).toEqual(shape(JSON.parse(TOKENIZE)));
  const { tokens, count, max_model_len } = JSON.parse(got.text);
  expect([count, max_model_len]).toEqual([tokens.length, 4096]);
  const back = await ask(`${url}/detokenize`, { body: { model: "tiny-llama", tokens } });
  expect(shape(JSON.parse(back.text))).toEqual(shape(JSON.parse(DETOKENIZE)));
  expect(JSON.parse(back.text)).toEqual({ prompt: "hello world" });
});

it("counts a conversation as a chat does", async () => {
  const { url } = await vllm();
  const counted = JSON.parse((await ask(`${url}/tokenize`, { body: { messages: user("hello"), return_token_strs: true } })).text);
  const answered = JSON.parse((await ask(`${url}/v1/chat/completions`, { body: { messages: user("hello") } })).text);
  expect(counted.count).toBe(answered.usage.prompt_tokens);
  expect(counted.token_strs.join("")).toContain("<|im_start|>user\nhello<|im_end|>");
});

it("says what is missing", async () => {
  const { url } = await vllm();
  expect((await ask(`${url}/tokenize`, { body: {} })).text).toContain("'loc': 'body.prompt'");
  expect((await ask(`${url}/detokenize`, { body: {} })).text).toContain("'loc': 'body.tokens'");
});
