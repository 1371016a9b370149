import { describe, expect, it } from "vitest";
import { readEvent } from "../../../src/openai/sse-fields.ts";

const read = (text: string) => readEvent(Buffer.from(text));

describe("readEvent", () => {
  it("joins data lines and drops everything else", () => {
    expect(read('id: 5\nretry: 10\n: hi\nevent: x\ndata: {"a":\ndata:1}')).toEqual({ data: '{"a": 1}', error: false });
    expect(read(": ping")).toEqual({ data: undefined, error: false });
    expect(read("data")).toEqual({ data: "", error: false });
  });

  it("knows errors by their event name and by llama.cpp's field", () => {
    expect(read("event: error\r\ndata: {}")).toEqual({ data: "{}", error: true });
    expect(read('error: {"code":500}')).toEqual({ data: '{"code":500}', error: true });
  });
});
