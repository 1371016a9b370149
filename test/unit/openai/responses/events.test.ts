import { describe, expect, it } from "vitest";
import { Fault } from "../../../../src/faults.ts";
import { newObserved } from "../../../../src/openai/usage-tap.ts";
import { ResponseEvents } from "../../../../src/openai/responses/events.ts";
import {
  callItem,
  itemId,
  messageItem,
  reasoningItem,
  reasoningPart,
  refusalPart,
  textPart,
} from "../../../../src/openai/responses/items.ts";
import { failedEvent, ResponseObject } from "../../../../src/openai/responses/response.ts";
import { responseUsage } from "../../../../src/openai/responses/usage.ts";
import { callOf, eventsIn, REQUEST } from "./support.ts";

const bytes = (text: string): { readonly bytes: Buffer; readonly slice: { start: number; end: number } } => {
  const json = Buffer.from(JSON.stringify(text));
  return { bytes: json, slice: { start: 0, end: json.length } };
};

function written(use: (events: ResponseEvents) => void): ReturnType<typeof eventsIn> {
  const events = new ResponseEvents(new ResponseObject(callOf({}), REQUEST), REQUEST);
  use(events);
  return eventsIn(events.take()?.toString() ?? "");
}

function say(events: ResponseEvents, kind: "content" | "refusal" | "reasoning", text: string): void {
  const { bytes: json, slice } = bytes(text);
  events.text(kind, json, slice);
}

describe("ResponseEvents", () => {
  it("keeps words and a refusal in one message, as two parts", () => {
    const seen = written((events) => {
      say(events, "content", "a");
      say(events, "refusal", "b");
      events.end({ usage: undefined, incomplete: undefined });
    });
    expect(seen.map(({ content_index }) => content_index)).toEqual([undefined, 0, 0, 0, 0, 1, 1, 1, 1, undefined, undefined]);
    const added = seen.filter(({ type }) => type === "response.content_part.added").map((event) => event["part"]);
    expect(added).toEqual([
      { type: "output_text", annotations: [], logprobs: [], text: "" },
      { type: "refusal", refusal: "" },
    ]);
  });

  it("takes up a message anew after thoughts, as another item", () => {
    const seen = written((events) => {
      say(events, "content", "a");
      say(events, "reasoning", "b");
      say(events, "content", "c");
      events.end({ usage: undefined, incomplete: undefined });
    });
    expect(seen.filter(({ type }) => type === "response.output_item.done").map(({ output_index }) => output_index)).toEqual([0, 1, 2]);
  });

  it("takes arguments for a call alone", () => {
    const { bytes: json, slice } = bytes("{}");
    expect(() => written((events) => events.moreArguments(json, slice))).toThrow(Fault);
  });

  it("counts on over the failure", () => {
    const events = new ResponseEvents(new ResponseObject(callOf({}), REQUEST), REQUEST);
    events.begin();
    events.take();
    expect(eventsIn(events.failed(new Fault("engine_timeout")).toString())).toMatchObject([
      { type: "response.failed", sequence_number: 2, response: { output: [] } },
    ]);
  });
});

describe("items", () => {
  it("are OpenAI's", () => {
    const text = Buffer.from('"x"');
    const parts = [textPart(text, undefined), refusalPart(text)];
    expect(JSON.parse(messageItem("m", "completed", parts).toString())).toEqual({
      id: "m",
      type: "message",
      status: "completed",
      role: "assistant",
      content: [
        { type: "output_text", annotations: [], logprobs: [], text: "x" },
        { type: "refusal", refusal: "x" },
      ],
    });
    expect(JSON.parse(reasoningItem("r", "completed", [reasoningPart(text)]).toString())).toMatchObject({
      summary: [],
      content: [{ type: "reasoning_text", text: "x" }],
    });
    expect(JSON.parse(callItem("f", "completed", { callId: text, name: text, args: text }).toString())).toMatchObject({
      type: "function_call",
      call_id: "x",
      name: "x",
      arguments: "x",
    });
    expect([itemId("message", "r", 0), itemId("reasoning", "r", 17), itemId("call", "r", 1)]).toEqual([
      "msg_r0000",
      "rs_r0011",
      "fc_r0001",
    ]);
  });
});

describe("ResponseObject", () => {
  it("says back what was asked, and what holds where nothing was", () => {
    const given = {
      instructions: "i",
      max_output_tokens: 5,
      metadata: { a: "b" },
      temperature: 0,
      tools: [{ type: "function", name: "f" }],
      tool_choice: "none",
      text: { format: { type: "json_object" } },
      user: "u",
      truncation: "auto",
      store: false,
    };
    const at = { status: "completed", output: [Buffer.from("1"), Buffer.from("2")], usage: Buffer.from("{}") } as const;
    expect(JSON.parse(new ResponseObject(callOf(given), REQUEST).at(at).toString())).toMatchObject({
      ...given,
      truncation: "disabled",
      output: [1, 2],
      usage: {},
      error: null,
    });
    expect(JSON.parse(new ResponseObject(callOf({}), REQUEST).at(at).toString())).toMatchObject({
      instructions: null,
      metadata: {},
      tools: [],
      tool_choice: "auto",
      parallel_tool_calls: true,
      store: false,
      background: false,
      previous_response_id: null,
    });
  });

  it.each([
    ["rate_limit_tokens", "rate_limit_exceeded"],
    ["engine_refused", "invalid_prompt"],
    ["engine_failed", "server_error"],
  ] as const)("tells %s as %s", (fault, code) => {
    const event = failedEvent(new ResponseObject(callOf({}), REQUEST), 3, { output: [], fault: new Fault(fault) }).toString();
    expect(eventsIn(event)).toMatchObject([{ sequence_number: 3, response: { status: "failed", error: { code } } }]);
  });
});

describe("responseUsage", () => {
  it("states what the engine stated, and what was counted where that is none", () => {
    const call = callOf({});
    const reported = { promptTokens: 7, cachedTokens: undefined, completionTokens: 3 };
    const usage = (observed: object): unknown => JSON.parse(responseUsage(call, { ...newObserved(), ...observed }, undefined).toString());
    expect(usage({ reported })).toMatchObject({ input_tokens: 7, output_tokens: 3, total_tokens: 10 });
    expect(usage({ frames: 2, textBytes: 40 })).toMatchObject({ input_tokens: 1, output_tokens: 10 });
    expect(usage({ reported: { promptTokens: -1, cachedTokens: 1e300, completionTokens: 1.5 }, frames: 2 })).toMatchObject({
      input_tokens: 1,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 2,
    });
    const bytes = Buffer.from('{"completion_tokens_details":{"reasoning_tokens":2}}');
    expect(
      JSON.parse(responseUsage(call, { ...newObserved(), reported }, { bytes, usage: { start: 0, end: bytes.length } }).toString())
        .output_tokens_details,
    ).toEqual({ reasoning_tokens: 2 });
  });
});
