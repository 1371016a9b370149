import { describe, expect, it } from "vitest";
import { Lines } from "../../../../src/backends/triton/lines.ts";
import { BOUNDS } from "../../../../src/bounds.ts";

function cut(chunks: readonly Buffer[]): readonly string[] {
  const lines = new Lines();
  const whole = chunks.flatMap((chunk) => lines.push(chunk) ?? []);
  return [...whole, lines.end()];
}

describe("Lines", () => {
  const text = Buffer.from("data: Grüße 🚀\r\n\r\ndata: zwei\n\n\ndata: rest");
  const expected = ["data: Grüße 🚀", "", "data: zwei", "", "", "data: rest"];

  it("cuts at every kind of end, and keeps what came behind the last", () => {
    expect(cut([text])).toEqual(expected);
  });

  it("is the same at every split", () => {
    for (let at = 0; at <= text.length; at += 1)
      for (let next = at; next <= text.length; next += 5)
        expect(cut([text.subarray(0, at), text.subarray(at, next), text.subarray(next)])).toEqual(expected);
  });

  it("has nothing left where nothing came", () => {
    expect(cut([])).toEqual([""]);
    expect(cut([Buffer.from("a\n")])).toEqual(["a", ""]);
  });

  it("gives up on a line beyond a frame's bound, and not before", () => {
    const half = Buffer.alloc(BOUNDS.replyFrameBytesMax / 2, "x");
    const lines = new Lines();
    expect(lines.push(half)).toEqual([]);
    expect(lines.push(half)).toEqual([]);
    expect(lines.push(Buffer.from("x"))).toBeUndefined();
    const short = new Lines();
    short.push(half);
    short.push(half);
    expect(short.push(Buffer.from("\n"))).toHaveLength(1);
  });
});
