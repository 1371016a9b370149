import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { ChunkedReader } from "../../../src/transport/chunked.ts";

/** Reads a text as one piece and says what came out, where it stopped and whether it was the end. */
function read(text: string) {
  const reader = new ChunkedReader();
  const out = Buffer.alloc(text.length);
  const { at, filled } = reader.read(Buffer.from(text, "latin1"), 0, out);
  return { payload: out.toString("latin1", 0, filled), at, over: reader.over };
}

describe("chunks", () => {
  it.each([
    ["one", "3\r\nabc\r\n0\r\n\r\n", "abc"],
    ["several", "1\r\na\r\n0a\r\n0123456789\r\n0\r\n\r\n", "a0123456789"],
    ["sizes in either case", "A\r\n0123456789\r\nb\r\n0123456789a\r\n0\r\n\r\n", "01234567890123456789a"],
    ["line breaks in the payload", "4\r\n\r\n\r\n\r\n0\r\n\r\n", "\r\n\r\n"],
    ["extensions", '3;a=b;c="d"\r\nabc\r\n0;x\r\n\r\n', "abc"],
    ["trailers", "3\r\nabc\r\n0\r\nx: y\r\nz: 1\r\n\r\n", "abc"],
    ["none", "0\r\n\r\n", ""],
  ])("%s", (_, text, payload) => {
    expect(read(text)).toEqual({ payload, at: text.length, over: true });
  });

  it("stop behind the last one", () => {
    expect(read("1\r\na\r\n0\r\n\r\nHTTP/1.1")).toEqual({ payload: "a", at: 11, over: true });
  });

  it("are not over before the last line break", () => {
    const text = "1\r\na\r\n0\r\nx: y\r\n\r\n";
    for (let end = 0; end < text.length; end += 1) expect(read(text.slice(0, end)).over).toBe(false);
  });

  it("are the same however they are cut", () => {
    const text = "3;e\r\nabc\r\n10\r\n0123456789abcdef\r\n0\r\nt: u\r\n\r\n";
    for (let cut = 1; cut < text.length; cut += 1) {
      const reader = new ChunkedReader();
      let payload = "";
      for (const piece of [text.slice(0, cut), text.slice(cut)]) {
        const out = Buffer.alloc(piece.length);
        payload += out.toString("latin1", 0, reader.read(Buffer.from(piece), 0, out).filled);
      }
      expect([payload, reader.over]).toEqual(["abc0123456789abcdef", true]);
    }
  });
});

describe("what is no chunk", () => {
  it.each([
    ["no size", "\r\nabc"],
    ["a sign", "+3\r\nabc"],
    ["a prefix", "0x3\r\nabc"],
    ["a space before the size", " 3\r\nabc"],
    ["a space behind the size", "3 \r\nabc"],
    ["too many digits", "000000003\r\nabc"],
    ["a bare line feed behind the size", "3\nabc"],
    ["a bare line feed in an extension", "3;x\n\r\nabc"],
    ["more than the size", "3\r\nabcd\r\n"],
    ["a bare line feed behind the payload", "3\r\nabc\n0\r\n\r\n"],
    ["something else than the end", "0\r\n\rx"],
    ["a bare line feed in a trailer", "0\r\nx: y\n\r\n"],
    ["an endless extension", `3;${"x".repeat(BOUNDS.chunkExtraBytesMax + 1)}`],
    ["endless trailers", `0\r\n${"x: y\r\n".repeat(BOUNDS.chunkExtraBytesMax)}`],
  ])("%s", (_, text) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ code: "WIRE_MALFORMED" }));
  });

  it("an extension of another chunk does not count", () => {
    const half = "x".repeat(BOUNDS.chunkExtraBytesMax - 10);
    expect(read(`1;${half}\r\na\r\n1;${half}\r\nb\r\n0\r\n\r\n`).payload).toBe("ab");
  });
});
