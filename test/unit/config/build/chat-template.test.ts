import { expect, it } from "vitest";
import { chatTemplate } from "../../../../src/config/build/chat-template.ts";

const CONFIG = JSON.stringify({
  chat_template: [
    { name: "default", template: "a" },
    { name: "tool_use", template: "b" },
  ],
  bos_token: "<s>",
  eos_token: "</s>",
});

it("takes a template as it is written, from a file, or with its tokens from a tokenizer_config.json", () => {
  expect(chatTemplate("x", undefined)).toEqual({ source: "x", bosToken: "", eosToken: "" });
  expect(chatTemplate({ source: "x", eos_token: "</s>" }, undefined)).toEqual({ source: "x", bosToken: "", eosToken: "</s>" });
  expect(chatTemplate({ file: "t.jinja", bos_token: "<s>" }, "{{ y }}")).toEqual({ source: "{{ y }}", bosToken: "<s>", eosToken: "" });
  expect(chatTemplate({ file: "tokenizer_config.json" }, CONFIG)).toEqual({
    source: "a",
    bosToken: "<s>",
    eosToken: "</s>",
    toolSource: "b",
  });
});

it("lets the configuration's own tokens win, the empty one included", () => {
  expect(chatTemplate({ file: "tokenizer_config.json", bos_token: "", eos_token: "<end>" }, CONFIG)).toMatchObject({
    bosToken: "",
    eosToken: "<end>",
  });
});
