import { describe, expect, it } from "vitest";
import { COMPLETION } from "../recorded.ts";
import { ask, parsed, shape, vllm } from "../support.ts";

describe("a whole completion", () => {
  it("has the members of the recorded one, in their order; 16 tokens when nobody says how many", async () => {
    const { url } = await vllm();
    const got = await ask(`${url}/v1/completions`, { body: { prompt: "hello world" } });
    expect(shape(JSON.parse(got.text))).toEqual(shape(JSON.parse(COMPLETION)));
    expect(parsed(got.text).id).toMatch(/^cmpl-/);
    expect(parsed(got.text).usage).toMatchObject({ prompt_tokens: 2, completion_tokens: 16, total_tokens: 18 });
  });

  it("answers each prompt n times, prompt by prompt", async () => {
    const { url } = await vllm();
    const got = parsed((await ask(`${url}/v1/completions`, { body: { prompt: ["[[say:a]]", "[[say:b]]"], n: 2 } })).text);
    expect(got.choices?.map(({ index, text }) => [index, text])).toEqual([
      [0, "a"],
      [1, "a"],
      [2, "b"],
      [3, "b"],
    ]);
  });

  it("takes token ids, echoes, and shows nothing for max_tokens 0", async () => {
    const { url } = await vllm();
    const { tokens } = JSON.parse((await ask(`${url}/tokenize`, { body: { prompt: "[[say:x]]" } })).text);
    expect(parsed((await ask(`${url}/v1/completions`, { body: { prompt: tokens } })).text).choices?.[0]?.text).toBe("x");
    expect(parsed((await ask(`${url}/v1/completions`, { body: { prompt: "[[say:x]]", echo: true } })).text).choices?.[0]?.text).toBe(
      "[[say:x]]x",
    );
    const nothing = parsed((await ask(`${url}/v1/completions`, { body: { prompt: "hello", echo: true, max_tokens: 0 } })).text);
    expect([nothing.choices?.[0]?.text, nothing.usage?.["completion_tokens"]]).toEqual(["hello", 1]);
  });
});
