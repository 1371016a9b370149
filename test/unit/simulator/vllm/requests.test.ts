import { describe, expect, it } from "vitest";
import { readDirectives } from "../../../../src/simulator/directives.ts";
import { readMessages, render } from "../../../../src/simulator/vllm/chat-request.ts";
import { textsOf } from "../../../../src/simulator/vllm/completion-request.ts";
import { Fields } from "../../../../src/simulator/vllm/fields.ts";
import { chatLogprobs, completionLogprobs } from "../../../../src/simulator/vllm/logprobs.ts";
import { VllmMetrics } from "../../../../src/simulator/vllm/metrics.ts";
import { type Vllm, withDefaults } from "../../../../src/simulator/vllm/options.ts";
import { Refusal } from "../../../../src/simulator/vllm/refusal.ts";
import { tokensMax } from "../../../../src/simulator/vllm/sampling.ts";
import { chooseTool, forcedText } from "../../../../src/simulator/vllm/tools.ts";
import { EngineModel, DEFAULT_PROFILE } from "../../../../src/simulator/engine-model.ts";
import { SeededRandom } from "../../../../src/simulator/seeded.ts";
import { ManualClock } from "../support.ts";

const clock = new ManualClock();
const server: Vllm = {
  options: withDefaults({ clock, models: ["m"], contextTokensMax: 100 }),
  engine: new EngineModel({ clock, random: new SeededRandom(1), profile: DEFAULT_PROFILE }),
  metrics: new VllmMetrics(clock, "m"),
  random: new SeededRandom(1),
  fingerprint: "f",
  knobs: () => ({}),
};
const fields = (members: Record<string, unknown>) => new Fields(members, "body");

describe("messages", () => {
  it("become ChatML, text parts joined, tools in front", () => {
    const messages = readMessages(
      server,
      fields({
        messages: [
          { role: "system", content: "s" },
          {
            role: "user",
            content: [
              { type: "text", text: "a" },
              { type: "text", text: "b" },
            ],
          },
        ],
      }),
    );
    expect(render(messages, undefined)).toBe("<|im_start|>system\ns<|im_end|>\n<|im_start|>user\na\nb<|im_end|>\n<|im_start|>assistant\n");
    expect(render([], [{ x: 1 }])).toBe('<|im_start|>system\n[{"x":1}]<|im_end|>\n<|im_start|>assistant\n');
  });

  it("are text only, each with a role", () => {
    expect(() => readMessages(server, fields({ messages: [{ role: "user", content: [{ type: "image_url" }] }] }))).toThrow(
      "m is not a multimodal model",
    );
    expect(() => readMessages(server, fields({ messages: [{ content: "x" }] }))).toThrow(Refusal);
  });
});

describe("prompts", () => {
  it("are a text, token ids, or a list of either", () => {
    expect(textsOf("ab").map(({ text }) => text)).toEqual(["ab"]);
    expect(textsOf(["a", "b"]).map(({ text }) => text)).toEqual(["a", "b"]);
    expect(textsOf([2145, 2146]).map(({ text }) => text)).toEqual(["ab"]);
    expect(textsOf([[2145], [2146]]).map(({ text }) => text)).toEqual(["a", "b"]);
    for (const wrong of [7, [1.5], [null], [[]], { a: 1 }]) expect(() => textsOf(wrong)).toThrow(Refusal);
  });

  it("and the answer fit the context together", () => {
    expect(tokensMax(server, undefined, 60)).toBe(40);
    expect(tokensMax(server, 40, 60)).toBe(40);
    expect(() => tokensMax(server, 41, 60)).toThrow(Refusal);
    expect(() => tokensMax(server, undefined, 100)).toThrow(Refusal);
  });
});

describe("tools", () => {
  const said = (content: string, lastRole = "user") => ({ directives: readDirectives(content), lastRole });
  const tools = [
    { type: "function", function: { name: "a" } },
    { type: "function", function: { name: "b" } },
  ];

  it("are called when the caller says so, or when nothing else is left to say", () => {
    const name = (members: Record<string, unknown>, content = "x", role = "user") =>
      chooseTool(server, fields({ tools, ...members }), said(content, role))?.name;
    expect(name({})).toBe("a");
    expect(name({ tool_choice: { type: "function", function: { name: "b" } } })).toBe("b");
    expect(name({ tool_choice: "none" })).toBeUndefined();
    expect(name({}, "x", "tool")).toBeUndefined();
    expect(name({}, "[[tokens:3]]")).toBeUndefined();
    expect(name({ tool_choice: "required" }, "[[tokens:3]]", "tool")).toBe("a");
    expect(() => name({ tool_choice: { type: "function", function: { name: "c" } } })).toThrow(Refusal);
    expect(() => name({ tool_choice: "always" })).toThrow(Refusal);
  });

  it("and formats bind the answer", () => {
    expect(forcedText(fields({}))).toBeUndefined();
    expect(forcedText(fields({ response_format: { type: "text" } }))).toBeUndefined();
    expect(forcedText(fields({ response_format: { type: "json_object" } }))).toBe("{}");
    expect(() => forcedText(fields({ response_format: { type: "xml" } }))).toThrow(Refusal);
    expect(() => forcedText(fields({ response_format: { type: "json_schema", json_schema: { schema: { type: "nope" } } } }))).toThrow(
      "Grammar error",
    );
  });
});

describe("log probabilities", () => {
  it("are never above zero, best first, the same for the same token", () => {
    expect(chatLogprobs([" a"], 2)).toEqual(chatLogprobs([" a"], 2));
    expect(chatLogprobs(["ü"], 3)).toMatchObject({
      content: [{ token: "ü", bytes: [195, 188], logprob: expect.toSatisfy((value: number) => value < 0) }],
    });
    expect(chatLogprobs(["a"], 0)).toMatchObject({ content: [{ top_logprobs: [] }] });
    expect(completionLogprobs(["ab", "c"], 2, 5)).toMatchObject({ text_offset: [5, 7], tokens: ["ab", "c"] });
  });
});
