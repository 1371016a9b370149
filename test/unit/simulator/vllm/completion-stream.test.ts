import { expect, it } from "vitest";
import { COMPLETION_STREAM, COMPLETION_STREAM_FORCED } from "../recorded.ts";
import { ask, payloads, shape, streamed, vllm } from "../support.ts";

const shapes = (texts: readonly (string | undefined)[]) => texts.map((text) => shape(JSON.parse(text ?? "")));

it("streams without a role frame, as recorded", async () => {
  const { url } = await vllm();
  const sent = payloads((await ask(`${url}/v1/completions`, { body: { prompt: "hello world", max_tokens: 4, stream: true } })).text);
  expect(sent).toHaveLength(5);
  expect(shapes([sent[0], sent.at(-2)])).toEqual(shapes(COMPLETION_STREAM));
});

it("states usage in every frame under the flag that forces it, with one member less than a chat", async () => {
  const { url } = await vllm({ forceIncludeUsage: true });
  const sent = payloads((await ask(`${url}/v1/completions`, { body: { prompt: "hello world", max_tokens: 4, stream: true } })).text);
  expect(shapes([sent[0], sent.at(-2)])).toEqual(shapes(COMPLETION_STREAM_FORCED));
});

it("echoes the prompt first, and says what the whole answer says", async () => {
  const { url } = await vllm({ tokensPerFrame: 2 });
  const body = { prompt: "hello", max_tokens: 5, echo: true };
  const whole = JSON.parse((await ask(`${url}/v1/completions`, { body })).text).choices[0].text;
  expect(streamed((await ask(`${url}/v1/completions`, { body: { ...body, stream: true } })).text)).toBe(whole);
});
