import { describe, expect, it } from "vitest";
import { TemplateCache, isGiven, isRecord, unsupported, wrongType } from "../../../../src/backends/triton/prompt.ts";
import type { ChatTemplate } from "../../../../src/domain/fleet.ts";
import { Fault } from "../../../../src/faults.ts";
import { CHATML } from "../support.ts";

const plain = (source: string, bosToken = ""): ChatTemplate => ({ source, bosToken, eosToken: "</s>" });
const render = (messages: unknown, template = CHATML) => new TemplateCache().render(template, messages);

function refused(messages: unknown, template = CHATML): Fault {
  try {
    render(messages, template);
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("was accepted");
}

describe("rendering", () => {
  it("says every message with the model's own template, and asks for the answer", () => {
    const messages = [
      { role: "developer", content: "short" },
      {
        role: "user",
        content: [
          { type: "text", text: "a" },
          { type: "text", text: "b" },
        ],
      },
      { role: "assistant", content: null },
    ];
    expect(render(messages)).toBe(
      "<|im_start|>system\nshort<|im_end|>\n<|im_start|>user\nab<|im_end|>\n<|im_start|>assistant\n<|im_end|>\n<|im_start|>assistant\n",
    );
  });

  it("leaves out the first token, which the engine's tokenizer puts there itself, and only there", () => {
    const template = plain("{{ bos_token }}{{ messages[0].content }}{{ bos_token }}", "<s>");
    expect(render([{ role: "user", content: "x" }], template)).toBe("x<s>");
    expect(render([{ role: "user", content: "<s>x" }], plain("{{ messages[0].content }}", ""))).toBe("<s>x");
    expect(render([{ role: "user", content: "hello" }], plain("{{ messages[0].content }}", "<s>"))).toBe("hello");
  });

  it("shows names to templates that want them", () => {
    expect(render([{ role: "user", content: "x", name: "ann" }], plain("{{ messages[0].name }}{{ eos_token }}"))).toBe("ann</s>");
  });

  it("compiles a template once, and tells of one that does not compile as our own mistake", () => {
    const cache = new TemplateCache();
    const template = plain("{{ messages[0].content }}");
    const once = {
      ...template,
      get source() {
        compiled += 1;
        return template.source;
      },
    };
    let compiled = 0;
    for (const content of ["a", "b"]) expect(cache.render(once, [{ role: "user", content }])).toBe(content);
    expect(compiled).toBe(1);
    expect(refused([{ role: "user", content: "x" }], plain("{% if %}")).fault).toBe("internal");
  });

  it("quotes nothing of what a template complains about", () => {
    const fault = refused([{ role: "user", content: "s3cret" }], plain("{{ raise_exception('no ' + messages[0].content) }}"));
    expect([fault.fault, fault.param]).toEqual(["invalid_value", "messages"]);
    expect(JSON.stringify([fault.message, fault.detail])).not.toContain("s3cret");
    expect(fault.cause).toBeUndefined();
  });
});

describe("what messages may be", () => {
  const user = (content: unknown) => [{ role: "user", content }];

  it.each<readonly [unknown, string, string]>([
    ["hi", "invalid_type", "messages"],
    [[5], "invalid_type", "messages[0]"],
    [[{ content: "x" }], "invalid_type", "messages[0].role"],
    [[{ role: "tool", content: "x" }], "unsupported_parameter", "messages[0].role"],
    [[{ role: "user", content: "x", audio: {} }], "unsupported_parameter", "messages[0].audio"],
    [[{ role: "assistant", content: "x", function_call: {} }], "unsupported_parameter", "messages[0].function_call"],
    [user(5), "invalid_type", "messages[0].content"],
    [user([5]), "invalid_type", "messages[0].content[0]"],
    [user([{ type: "image_url" }]), "unsupported_parameter", "messages[0].content[0].type"],
    [user([{ type: "text", text: "a" }, { type: "text" }]), "invalid_type", "messages[0].content[1].text"],
  ])("%j", (messages, fault, param) => {
    expect(refused(messages)).toMatchObject({ fault, param });
  });

  it("null is as good as nothing", () => {
    expect(render([{ role: "assistant", content: "x", tool_calls: null, audio: null }])).toContain("x");
    expect([isGiven(null), isGiven(undefined), isGiven(0), isGiven(false)]).toEqual([false, false, true, true]);
    expect([isRecord({}), isRecord([]), isRecord(null), isRecord("x")]).toEqual([true, false, false, false]);
  });

  it("names the parameter in what it says", () => {
    expect(unsupported("logprobs").message).toContain("'logprobs'");
    expect(wrongType("stop", "a string").message).toBe("Invalid type for 'stop': expected a string.");
  });
});
