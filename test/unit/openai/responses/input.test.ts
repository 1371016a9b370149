import { describe, expect, it } from "vitest";
import { InputReader } from "../../../../src/openai/responses/input.ts";
import { callOf, refusedFor } from "./support.ts";

const user = (...content: unknown[]): object => ({ input: [{ role: "user", content }] });

describe("InputReader", () => {
  it("reads messages, calls, their results and thoughts", () => {
    const { body, fields } = callOf({
      input: [
        { role: "developer", content: "d" },
        {
          type: "message",
          role: "assistant",
          content: [{ type: "output_text", text: "a", annotations: [] }],
          id: "msg_1",
          status: "completed",
        },
        { type: "function_call", call_id: "c", name: "f", arguments: "{}" },
        { type: "function_call_output", call_id: "c", output: [{ type: "input_text", text: "o" }] },
        { type: "reasoning", id: "rs_1", summary: [], encrypted_content: "zzz" },
      ],
    });
    const items = new InputReader(body).read(fields.get("input") ?? { start: 0, end: 0 });
    expect(items.map((item) => (item.kind === "message" ? item.role : item.kind))).toEqual([
      "system",
      "assistant",
      "call",
      "output",
      "reasoning",
    ]);
  });

  it.each<[string, object, string, string]>([
    ["an item that is none", { input: ["x"] }, "invalid_type", "input[0]"],
    ["a reference", { input: [{ type: "item_reference", id: "x" }] }, "unsupported_parameter", "input[0].type"],
    ["a call of another's tool", { input: [{ type: "web_search_call", id: "x" }] }, "unsupported_parameter", "input[0].type"],
    ["no role", { input: [{ content: "x" }] }, "missing_parameter", "input[0].role"],
    ["an unknown role", { input: [{ role: "boss", content: "x" }] }, "invalid_value", "input[0].role"],
    ["no content", { input: [{ role: "user" }] }, "missing_parameter", "input[0].content"],
    ["a content that is a number", { input: [{ role: "user", content: 3 }] }, "invalid_type", "input[0].content"],
    [
      "a call without its name",
      { input: [{ type: "function_call", call_id: "c", arguments: "{}" }] },
      "missing_parameter",
      "input[0].name",
    ],
    [
      "arguments that are an object",
      { input: [{ type: "function_call", call_id: "c", name: "f", arguments: {} }] },
      "invalid_type",
      "input[0].arguments",
    ],
    ["a part of chat's", user({ type: "text", text: "x" }), "invalid_value", "input[0].content[0].type"],
    ["a part without its text", user({ type: "input_text" }), "missing_parameter", "input[0].content[0].text"],
    [
      "a remote image",
      user({ type: "input_image", image_url: "https://evil.example/x.png" }),
      "invalid_value",
      "input[0].content[0].image_url",
    ],
    [
      "a remote image inside a text",
      user({ type: "input_text", text: "x", image_url: { url: "http://evil.example" } }),
      "invalid_value",
      "input[0].content[0].image_url.url",
    ],
    [
      "a remote video",
      user({ type: "input_text", text: "x", video_url: "file:///etc/passwd" }),
      "invalid_value",
      "input[0].content[0].video_url",
    ],
    ["a file by name", user({ type: "input_image", file_id: "file_1" }), "unsupported_parameter", "input[0].content[0].file_id"],
    [
      "a file",
      user({ type: "input_file", file_data: "data:application/pdf;base64,AA" }),
      "unsupported_parameter",
      "input[0].content[0].type",
    ],
    [
      "a remote image in a result",
      { input: [{ type: "function_call_output", call_id: "c", output: [{ type: "input_image", image_url: "https://evil.example" }] }] },
      "invalid_value",
      "input[0].output[0].image_url",
    ],
  ])("refuses %s", (_, body, fault, param) => {
    const refused = refusedFor(body);
    expect([refused.fault, refused.param]).toEqual([fault, param]);
  });

  it("refuses a member given twice: two readers would see two requests", () => {
    expect(() => callOf('{"model":"acme/small","input":[{"role":"user","content":"a","content":"b"}]}')).toThrow(/Duplicate/);
    expect(() =>
      callOf('{"model":"acme/small","input":[{"role":"user","content":[{"type":"input_text","text":"a","text":"b"}]}]}'),
    ).toThrow(/Duplicate/);
  });
});
