import { describe, expect, it } from "vitest";
import * as wire from "./fixtures.ts";
import { chunk, DONE, drain, events, FINISH, frame, relay, ROLE, USAGE, USAGE_FRAME, WORDS } from "./fixtures.ts";

const ID = `chatcmpl-${wire.REQUEST}`;
const WHOLE = [ROLE, ...WORDS, FINISH, USAGE_FRAME, DONE].join("");

describe("StreamRelay, what the caller gets", () => {
  it("rewrites id, model and fingerprint in every frame and nothing else", () => {
    const stream = relay({ includeUsage: true });
    const got = events(drain(stream, [WHOLE]));
    const sent = events(WHOLE);
    expect(got).toHaveLength(sent.length);
    got.slice(0, -1).forEach((event, i) => {
      const fingerprint = i >= 6 ? { system_fingerprint: null } : {};
      expect(event).toEqual({ ...Object(sent[i]), id: ID, model: "north-1", ...fingerprint });
    });
    expect(got.at(-1)).toBe("[DONE]");
    expect(stream.failure).toBeUndefined();
  });

  it("drops the usage frame for a caller that did not ask, and still reads it", () => {
    const stream = relay();
    const out = drain(stream, [WHOLE]);
    expect(out).not.toContain("usage");
    expect(events(out)).toHaveLength(8);
    expect(stream.observed).toMatchObject({
      reported: { promptTokens: 17, cachedTokens: 4, completionTokens: 8 },
      reports: 1,
      finished: true,
    });
  });

  it("removes usage that the engine forces into every frame, a null as well", () => {
    const forced = [
      chunk('{"content":"a"}', `,${USAGE}`),
      chunk('{"content":"b"}', `,${USAGE},"x":1`),
      chunk('{"content":"c"}', ',"usage":null'),
      chunk('{"content":"d"}', ',"usage":null'),
    ];
    const stream = relay();
    const out = drain(stream, [...forced, FINISH, DONE]);
    expect(out).not.toContain("usage");
    expect(out).toContain('"x":1');
    expect(events(out)).toHaveLength(6);
    expect(stream.observed).toMatchObject({ reports: 2, frames: 4 });
    expect(drain(relay({ includeUsage: true }), [...forced, FINISH, DONE]).split('"usage"')).toHaveLength(5);
  });

  it("copies nothing when there is nothing to change", () => {
    const stream = relay({ alias: { ...wire.ALIAS, name: "tiny-llama" } });
    const bytes = Buffer.from([ROLE, ...WORDS].join("").replaceAll("chatcmpl-a636c554f5559a2c", ID));
    const out = stream.push(bytes);
    expect(out?.buffer).toBe(bytes.buffer);
    expect(out?.equals(bytes)).toBe(true);
  });

  it("is not fooled by text that looks like structure", () => {
    const tricky = chunk('{"content":"\\"usage\\":{},\\"error\\":1,\\"model\\":\\"tiny-llama\\"}]}"}');
    const stream = relay();
    const out = drain(stream, [...WORDS, tricky, FINISH, DONE]);
    expect(out).toContain('\\"usage\\":{},\\"error\\":1,\\"model\\":\\"tiny-llama\\"}]}');
    expect(stream.failure).toBeUndefined();
  });

  it("reads engines that put choices first, another created, spaces, and no space after data:", () => {
    const first = frame(
      '{"choices":[{"index":0,"delta":{"content":"a"}}],"created":1,"id":"x","model":"tiny-llama","system_fingerprint":"b1"}',
    );
    const spaced =
      'data:{ "id" : "x" , "model" : "tiny-llama" , "created" : 2 , "choices" : [ { "delta" : { "content" : "b" } , "finish_reason" : "stop" } ] }\n\n';
    const out = drain(relay(), [first, first.replace('"created":1', '"created":17'), spaced, DONE]);
    expect(out).not.toContain("tiny-llama");
    expect(out).not.toContain('"b1"');
    expect(out.split(ID)).toHaveLength(4);
  });

  it("drops comments, ids and retry times, and joins data lines", () => {
    const odd = `: ping\n\nid: 7\nretry: 5\n${WORDS[0] ?? ""}event: x\n\ndata: {"choices":[{"delta":{"content":"z"},\ndata: "finish_reason":"stop"}]}\n\n`;
    const out = drain(relay(), [odd, "data: [DONE]\r\n\r\n"]);
    expect(events(out)).toHaveLength(3);
    expect(out).not.toMatch(/^(id|retry|event|:)/m);
    expect(out.endsWith(DONE)).toBe(true);
  });

  it("adds the [DONE] that an engine forgot, but only when every choice has finished", () => {
    expect(drain(relay(), [...WORDS, FINISH]).endsWith(DONE)).toBe(true);
    const two = relay({ choices: 2 });
    expect(drain(two, [...WORDS, FINISH])).not.toContain("[DONE]");
    expect(two.failure?.fault.fault).toBe("engine_failed");
  });

  it("takes a last event without its blank line", () => {
    expect(drain(relay(), [...WORDS, FINISH, "data: [DONE]"])).toContain(DONE);
    expect(drain(relay(), [...WORDS, FINISH, "data: [DONE]\n"]).split("[DONE]")).toHaveLength(2);
  });

  it("passes nothing after [DONE]", () => {
    const stream = relay();
    expect(drain(stream, [...WORDS, FINISH, DONE + ROLE, ROLE]).endsWith(DONE)).toBe(true);
  });

  it("speaks of completions as completions", () => {
    const text =
      '{"id":"cmpl-8","object":"text_completion","created":1,"model":"tiny-llama","choices":[{"index":0,"text":"Me","finish_reason":null}]}';
    const stream = relay({ capability: "completions" });
    expect(stream.push(Buffer.from(frame(text)))?.toString()).toContain(`"id":"cmpl-${wire.REQUEST}"`);
    expect(stream.observed).toMatchObject({ frames: 1, textBytes: 2 });
  });
});

describe("StreamRelay, what is observed", () => {
  it("counts frames with output and their text, not the role frame", () => {
    const stream = relay();
    drain(stream, [WHOLE]);
    expect(stream.observed).toMatchObject({ frames: 5, textBytes: 3 + 2 + Buffer.byteLength(' \\"wörld\\"') + 2 + 1 });
  });

  it("counts tool calls and reasoning as output", () => {
    const stream = relay();
    stream.push(Buffer.from(chunk('{"tool_calls":[{"index":0,"function":{"arguments":"{\\"a\\":1"}}]}') + chunk('{"reasoning":"hm"}')));
    expect(stream.observed.frames).toBe(2);
    expect(stream.observed.textBytes).toBeGreaterThan(2);
  });

  it("learns and relearns without losing a frame when two choices take turns", () => {
    const turns = Array.from({ length: 60 }, (_, i) => chunk('{"content":"ab"}').replace('"index":0', `"index":${i % 2}`));
    const stream = relay({ choices: 2 });
    const out = turns.map((each) => stream.push(Buffer.from(each))?.toString() ?? "").join("");
    expect(events(out).map((event) => Object(event).choices[0].index)).toEqual(turns.map((_, i) => i % 2));
    expect(stream.observed).toMatchObject({ frames: 60, textBytes: 120 });
  });
});

describe("StreamRelay, when the engine fails", () => {
  it("lets another backend take over while nothing has gone out", () => {
    const stream = relay();
    expect(drain(stream, [wire.BUSY, DONE])).toBe("");
    expect(stream.failure).toMatchObject({ elsewhere: true, sick: false });
    expect(stream.failure?.fault.fault).toBe("engine_overloaded");
  });

  it("withholds frames that came in one read with the error, and does not count them", () => {
    const stream = relay();
    expect(drain(stream, [ROLE + (WORDS[0] ?? "") + wire.DIED + DONE])).toBe("");
    expect(stream.failure).toMatchObject({ elsewhere: true, sick: true });
    expect(stream.observed).toMatchObject({ frames: 0, textBytes: 0, finished: false });
  });

  it("passes what came before the error, and neither the error nor the [DONE] after it", () => {
    const stream = relay();
    const out = drain(stream, [ROLE, (WORDS[0] ?? "") + wire.DIED + DONE]);
    expect(events(out)).toHaveLength(2);
    expect(out).not.toContain("EngineCore");
    expect(stream.failure).toMatchObject({ elsewhere: false, sick: true });
    expect(stream.observed.frames).toBe(1);
  });

  it.each([
    ["event: error", 'event: error\ndata: {"message":"boom","code":503}\n\n', "engine_overloaded"],
    ["llama.cpp's field", 'error: {"code":500,"message":"boom"}\n\n', "engine_failed"],
    ["a text", 'data: {"error":"boom","error_type":"overloaded"}\n\n', "engine_overloaded"],
    ["old vLLM", 'data: {"object":"error","message":"no","code":400}\n\n', "engine_refused"],
    ["no JSON", "data: boom\n\n", "engine_failed"],
    ["cut JSON", 'data: {"choices":[\n\n', "engine_failed"],
    ["two objects", "data: {} {}\n\n", "engine_failed"],
  ])("knows %s", (_, text, fault) => {
    const stream = relay();
    expect(drain(stream, [text, DONE])).toBe("");
    expect(stream.failure?.fault.fault).toBe(fault);
  });

  it("takes null, false and empty errors for none, as the SDKs do", () => {
    const stream = relay();
    drain(stream, [chunk('{"content":"a"}', ',"error":null'), chunk('{"content":"a"}', ',"error":""'), FINISH, DONE]);
    expect(stream.failure).toBeUndefined();
  });

  it("does not take a clean end for success", () => {
    const stream = relay();
    drain(stream, [ROLE, ...WORDS]);
    expect(stream.failure).toMatchObject({ elsewhere: false, sick: true });
    const empty = relay();
    drain(empty, []);
    expect(empty.failure).toMatchObject({ elsewhere: true });
    const cut = relay();
    expect(drain(cut, [ROLE, 'data: {"choices":[{"delta":{"content":"ha'])).not.toContain('"ha');
    expect(cut.failure?.fault.fault).toBe("engine_failed");
  });

  it.each([
    [503, { "content-type": "application/json", "retry-after": "7" }, '{"error":{"message":"busy","code":503}}', "engine_overloaded"],
    [200, { "content-type": "application/json" }, '{"error":{"message":"busy","code":503}}', "engine_overloaded"],
    [200, { "content-type": "text/html" }, "<html>502 nginx</html>", "engine_failed"],
    [307, { location: "http://x" }, "", "engine_failed"],
    [200, {}, ROLE, "engine_failed"],
  ])("judges status %i %j", (status, headers, body, fault) => {
    const stream = relay();
    stream.head(status, headers);
    expect(drain(stream, [body])).toBe("");
    expect(stream.failure?.fault.fault).toBe(fault);
    expect(stream.failure?.elsewhere).toBe(true);
  });

  it("does not collect an endless error", () => {
    const stream = relay();
    stream.head(500, {});
    for (let i = 0; i < 5 && stream.failure === undefined; i++) stream.push(Buffer.alloc(32 * 1024));
    expect(stream.failure?.fault.fault).toBe("engine_failed");
  });
});

describe("StreamRelay, an end without an answer", () => {
  it.each([
    ["nothing at all", ""],
    ["usage alone", USAGE_FRAME],
  ])("[DONE] behind %s is a failure, which another backend may do better", (_, before) => {
    const stream = relay({ includeUsage: true });
    expect(drain(stream, [before + DONE])).not.toContain("[DONE]");
    expect(stream.failure).toMatchObject({ sick: true });
    expect(stream.observed.finished).toBe(false);
  });
});
