import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import { scanObject } from "../../../../src/openai/json-scan.ts";
import { checkResponsesRequest } from "../../../../src/openai/responses/request.ts";
import { callOf, refusedFor } from "./support.ts";

describe("checkResponsesRequest", () => {
  it.each<[string, object, string | undefined, string, RegExp]>([
    ["a store", { store: true }, "unsupported_parameter", "store", /not stored here.*'input'/],
    [
      "what went before",
      { previous_response_id: "resp_1" },
      "previous_response_not_found",
      "previous_response_id",
      /whole conversation in 'input'/,
    ],
    ["a conversation", { conversation: { id: "conv_1" } }, "unsupported_parameter", "conversation", /send all of it/],
    ["the background", { background: true }, "unsupported_parameter", "background", /set 'stream'/],
    ["a stored prompt", { prompt: { id: "pmpt_1" } }, "unsupported_parameter", "prompt", /not stored here/],
    ["compaction", { context_management: [] }, "unsupported_parameter", "context_management", /shorten/],
    ["messages", { messages: [] }, "unsupported_parameter", "messages", /called 'input'/],
    ["max_tokens", { max_tokens: 3 }, "unsupported_parameter", "max_tokens", /called 'max_output_tokens'/],
    ["response_format", { response_format: {} }, "unsupported_parameter", "response_format", /called 'text.format'/],
    ["two answers", { n: 2 }, "unsupported_parameter", "n", /again/],
    ["vLLM's own history", { previous_input_messages: [] }, "unsupported_parameter", "previous_input_messages", /'input'/],
    ["an unknown include", { include: ["everything"] }, "invalid_value", "include[0]", /include/],
    ["an unknown format", { text: { format: { type: "grammar" } } }, "invalid_value", "text.format.type", /json_schema/],
    ["a format that is none", { text: { format: "json" } }, "invalid_type", "text.format", /object/],
    ["a schema without a name", { text: { format: { type: "json_schema", schema: {} } } }, "missing_parameter", "text.format.name", /name/],
    ["no input", { input: null }, "missing_parameter", "input", /'input'/],
    ["an empty input", { input: [] }, "empty_array", "input", /empty/],
    ["too few tokens", { max_output_tokens: 0 }, "below_min", "max_output_tokens", /minimum/],
    ["another truncation", { truncation: "middle" }, "invalid_value", "truncation", /auto/],
  ])("refuses %s and says what to do", (_, body, fault, param, text) => {
    const refused = refusedFor(body);
    expect([refused.fault, refused.param, refused.kind.status]).toEqual([fault, param, 400]);
    expect(refused.message).toMatch(text);
  });

  it("takes what says the same as nothing", () => {
    const nothing = { store: false, background: false, previous_response_id: null, conversation: null, messages: null, n: null };
    const harmless = {
      truncation: "auto",
      include: ["reasoning.encrypted_content", "message.output_text.logprobs"],
      service_tier: "auto",
      user: "u",
      metadata: {},
    };
    expect(
      callOf({
        ...nothing,
        ...harmless,
        reasoning: { effort: "high", summary: "auto" },
        text: { format: { type: "text" }, verbosity: "low" },
      }).wire,
    ).toBe("responses");
  });

  it("is chat, whatever the door is called", () => {
    expect(callOf({ stream: true, max_output_tokens: 7 })).toMatchObject({
      capability: "chat",
      stream: true,
      includeUsage: true,
      completionTokensAsked: 7,
      choices: 1,
    });
  });

  it("counts media, which no byte count bounds", () => {
    const image = { type: "input_image", image_url: "data:image/png;base64,AA" };
    const call = callOf({ input: [{ role: "user", content: [image, { type: "input_text", text: "x" }, image] }] });
    const { fields } = scanObject(call.body, { start: 0, end: call.body.length });
    expect(checkResponsesRequest(call.body, fields)).toBe(2);
    expect(call.promptTokensMax).toBeGreaterThan(2 * BOUNDS.mediaPartTokensMax);
  });
});
