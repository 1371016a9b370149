import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { FrameReader } from "../../../src/openai/sse-frames.ts";
import { faultOf } from "./fixtures.ts";

function frames(...chunks: readonly string[]): string[] {
  const reader = new FrameReader();
  const found: string[] = [];
  for (const chunk of chunks) {
    reader.feed(Buffer.from(chunk));
    while (reader.next()) found.push(reader.bytes.toString("utf8", reader.start, reader.end));
  }
  return found;
}

describe("FrameReader", () => {
  it("cuts at blank lines of every kind", () => {
    expect(frames("data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d\n\n")).toEqual(["data: a", "data: b", "data: c", "data: d"]);
  });

  it("keeps several lines of one event together and skips empty events", () => {
    expect(frames("\n\n: ping\n\n\n\nevent: x\ndata: 1\ndata: 2\n\n")).toEqual([": ping", "event: x\ndata: 1\ndata: 2"]);
  });

  it("does not take a line feed for an event that its carriage return has ended", () => {
    expect(frames("data: a\r\n\r", "\ndata: b\r\n\r\n")).toEqual(["data: a", "data: b"]);
    expect(frames("data: a\r", "\n", "\r", "\n", "data: b\n\n")).toEqual(["data: a", "data: b"]);
  });

  it("hands out the chunk itself while it holds whole frames", () => {
    const reader = new FrameReader();
    const chunk = Buffer.from("data: a\n\ndata: b\n\n");
    reader.feed(chunk);
    expect(reader.next()).toBe(true);
    expect(reader.bytes.buffer).toBe(chunk.buffer);
    expect(reader.plain).toBe(true);
  });

  it("says what is left", () => {
    const reader = new FrameReader();
    reader.feed(Buffer.from("data: a\n\nda"));
    while (reader.next());
    reader.feed(Buffer.from("ta"));
    expect(reader.next()).toBe(false);
    expect(reader.rest().toString()).toBe("data");
  });

  it("bounds a frame, whole or in pieces", () => {
    const half = Buffer.alloc(BOUNDS.replyFrameBytesMax / 2 + 1, 0x78);
    const reader = new FrameReader();
    reader.feed(half);
    reader.next();
    expect(faultOf(() => reader.feed(half)).fault).toBe("engine_failed");
    const other = new FrameReader();
    other.feed(Buffer.concat([half, half, Buffer.from("\n\n")]));
    expect(faultOf(() => other.next()).fault).toBe("engine_failed");
  });
});
