import { describe, expect, it } from "vitest";
import { Fault } from "../../../../src/faults.ts";
import { envelopeOf } from "../../../../src/openai/envelope.ts";
import { NativeEvent, outputBytes, withAbsent } from "../../../../src/openai/responses/native-event.ts";
import { nativeReply } from "../../../../src/openai/responses/native.ts";
import { scanObject } from "../../../../src/openai/json-scan.ts";
import { newObserved } from "../../../../src/openai/usage-tap.ts";
import type { Reply } from "../../../../src/ports.ts";
import { vllmTranscript } from "../../../fixtures/engines/read.ts";
import { ALIAS, callOf, eventsIn, REQUEST } from "./support.ts";

const RECORDED = vllmTranscript("a_responses_stream");
const SSE = { "content-type": "text/event-stream; charset=utf-8" };

function fed(pieces: readonly (Buffer | string)[], stream = true, status = 200): { readonly text: string; readonly reply: Reply } {
  const reply = nativeReply(callOf({ stream }), REQUEST, "tiny-llama");
  reply.head(status, stream && status === 200 ? SSE : { "content-type": "application/json" });
  const out = pieces.map((piece) => reply.push(Buffer.from(piece)));
  out.push(reply.end());
  return { text: Buffer.concat(out.filter((bytes) => bytes !== undefined)).toString(), reply };
}

describe("a recorded stream", () => {
  it("passes under the caller's names, and ends as OpenAI's does", () => {
    const { text, reply } = fed([RECORDED.body]);
    const events = eventsIn(text);
    expect(events.map(({ type }) => type.replace("response.", ""))).toEqual([
      "created",
      "in_progress",
      "output_item.added",
      "content_part.added",
      "output_text.delta",
      "output_text.delta",
      "output_text.done",
      "content_part.done",
      "output_item.done",
      "incomplete",
    ]);
    for (const { response } of events)
      if (response !== undefined) expect(response).toMatchObject({ id: `resp_${REQUEST}`, model: ALIAS.name, store: false, error: null });
    expect(reply.observed).toMatchObject({
      reported: { promptTokens: 16, cachedTokens: 0, completionTokens: 8 },
      frames: 2,
      textBytes: 26,
      finished: true,
    });
    expect([reply.done, reply.failure]).toEqual([true, undefined]);
    expect(text).not.toContain("tiny-llama");
  });

  it("passes every other byte untouched", () => {
    const middle = RECORDED.body.toString().split("\n\n").slice(2, 9).join("\n\n");
    expect(fed([RECORDED.body]).text).toContain(middle);
  });

  it("reads the same at every split", () => {
    const whole = fed([RECORDED.body]);
    for (let at = 0; at <= RECORDED.body.length; at += 7) {
      const split = fed([RECORDED.body.subarray(0, at), RECORDED.body.subarray(at)]);
      expect(split.text).toBe(whole.text);
      expect(split.reply.observed).toEqual(whole.reply.observed);
    }
  });

  it("fails where it ends too early, and counts what went out", () => {
    const cut = RECORDED.body.toString().split("\n\n").slice(0, 6).join("\n\n");
    const { text, reply } = fed([`${cut}\n\n`]);
    expect(reply.failure).toMatchObject({ elsewhere: false, sick: true, fault: { fault: "engine_failed" } });
    expect(reply.observed).toMatchObject({ frames: 2, finished: false });
    const failed = eventsIn(reply.brokenOff?.(new Fault("engine_failed")).toString() ?? "");
    expect(failed).toMatchObject([{ type: "response.failed", sequence_number: 6, response: { id: `resp_${REQUEST}`, model: ALIAS.name } }]);
    expect(eventsIn(text)).toHaveLength(6);
  });
});

describe("a stream that goes wrong", () => {
  const created = `${RECORDED.body.toString().split("\n\n")[0]}\n\n`;

  it.each([
    ["an error in chat's form", 'data: {"error": {"message": "EngineCore died", "type": "InternalServerError", "code": 500}}\n\n'],
    ["an error event", 'event: error\ndata: {"type":"error","message":"x","sequence_number":1}\n\n'],
    [
      "a failed response",
      'event: response.failed\ndata: {"type":"response.failed","sequence_number":1,"response":{"status":"failed","error":{"message":"EngineCore"}}}\n\n',
    ],
    ["no event", 'event: x\ndata: {"delta":"x"}\n\n'],
    ["half an event", 'event: x\ndata: {"type":"response.output_text.delta"\n\n'],
    ["two objects", 'event: x\ndata: {"type":"x"}{"type":"y"}\n\n'],
  ])("says nothing of %s", (_, frame) => {
    const first = fed([frame]);
    expect([first.text, first.reply.failure?.elsewhere]).toEqual(["", true]);
    expect(first.reply.observed).toEqual(newObserved());
    const later = fed([created, frame]);
    expect([eventsIn(later.text).length, later.reply.failure?.elsewhere]).toEqual([1, false]);
    expect(later.text).not.toMatch(/EngineCore/);
    expect(later.reply.push(Buffer.from(created))).toBeUndefined();
    expect(later.reply.failure).toBe(later.reply.failure);
  });

  it("names events as their data does, whatever the line before says, and drops what is no event", () => {
    const { text } = fed([
      created,
      ': ping\n\ndata: [DONE]\n\nevent: evil\ndata: {"type":"response.queued","sequence_number":1}\n\ndata: {"type":"response.x","sequence_number":2}\n\n',
    ]);
    expect(eventsIn(text).map(({ type }) => type)).toEqual(["response.created", "response.queued", "response.x"]);
  });

  it("judges an answer that is no stream", () => {
    const { text, reply } = fed(
      ['{"error":{"message":"max_tokens must be at least 1","type":"BadRequestError","param":"max_tokens","code":400}}'],
      true,
      400,
    );
    expect([text, reply.failure?.fault.fault, reply.failure?.fault.param]).toEqual(["", "engine_refused", "max_output_tokens"]);
  });
});

describe("a whole answer", () => {
  it("passes under the caller's names", () => {
    const { body } = vllmTranscript("a_responses");
    const { text, reply } = fed([body.subarray(0, 99), body.subarray(99)], false);
    expect(JSON.parse(text)).toMatchObject({ id: `resp_${REQUEST}`, model: ALIAS.name, store: false, error: null, status: "incomplete" });
    expect(reply.observed).toMatchObject({ reported: { promptTokens: 16, completionTokens: 8 }, finished: true });
  });

  it("is counted where it has no count, and is none without an output", () => {
    const output = [
      { type: "message", content: [{ type: "output_text", text: "abcd" }, 1] },
      { type: "function_call", arguments: "{}" },
      2,
    ];
    const { reply } = fed([JSON.stringify({ id: "x", object: "response", output })], false);
    expect(reply.observed).toMatchObject({ frames: 1, textBytes: 6 });
    expect(fed(['{"id":"x","object":"response"}'], false).reply.failure?.fault.fault).toBe("engine_failed");
    expect(outputBytes(Buffer.from("{}"), undefined)).toBe(0);
  });
});

describe("NativeEvent", () => {
  it("leaves an event alone that needs nothing", () => {
    const event = new NativeEvent(envelopeOf(callOf({}), REQUEST, "tiny"), newObserved());
    const bytes = Buffer.from('event: a.b\ndata: {"type":"a.b"}');
    expect(event.read(bytes, 17, bytes.length)).toBe(true);
    expect(event.rewritten(bytes, { start: 7, end: 10 })).toBeUndefined();
    expect(event.rewritten(bytes, { start: 7, end: 9 })?.toString()).toBe('event: a.b\ndata: {"type":"a.b"}\n\n');
  });

  it("adds to a Response what clients look for", () => {
    const body = Buffer.from('{"store":true,"error":null}');
    expect(withAbsent({ body, ...scanObject(body, { start: 0, end: body.length }) }).toString()).toBe('{"store":false,"error":null}');
  });
});
