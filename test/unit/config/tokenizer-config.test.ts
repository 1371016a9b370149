import { describe, expect, it } from "vitest";
import { tokenizerConfig } from "../../../src/config/tokenizer-config.ts";

const read = (config: unknown) => tokenizerConfig(JSON.stringify(config));

describe("a tokenizer_config.json", () => {
  it("holds a template and tokens, as texts or as objects", () => {
    expect(read({ chat_template: "{{ x }}", bos_token: { content: "<s>", lstrip: false }, eos_token: "</s>" })).toEqual({
      source: "{{ x }}",
      toolSource: undefined,
      bosToken: "<s>",
      eosToken: "</s>",
    });
    expect(read({ chat_template: "{{ x }}", bos_token: null })).toMatchObject({ bosToken: "", eosToken: "" });
  });

  it("may hold several templates by name, one of them for tools", () => {
    const templates = [{ name: "default", template: "a" }, { name: "tool_use", template: "b" }, { name: "rag", template: "c" }, 5];
    expect(read({ chat_template: templates })).toMatchObject({ source: "a", toolSource: "b" });
  });

  it("may hold none", () => {
    for (const config of [{}, { chat_template: 5 }, { chat_template: [] }]) expect(read(config)).toMatchObject({ source: "" });
  });

  it.each(["{{ bos_token }}{% for m in messages %}{% endfor %}", "{% if x %}{% endif %}", "plain", "[1]", '"text"'])(
    "is not %s",
    (text) => {
      expect(tokenizerConfig(text)).toBeUndefined();
    },
  );
});
