import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import type { ReplyHead } from "../../../src/transport/reply-head.ts";
import { ReplyParser, type ReplySink } from "../../../src/transport/reply-parser.ts";

const LENGTH = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n";
const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

class Ear implements ReplySink {
  readonly told: string[] = [];
  payload = "";
  halted = false;
  haltAt: string | undefined;

  begun(): void {
    this.#tell("begun");
  }

  head({ status }: ReplyHead): void {
    this.#tell(String(status));
  }

  body(chunk: Buffer): void {
    this.payload += chunk.toString("latin1");
    this.#tell("body");
  }

  #tell(what: string): void {
    this.told.push(what);
    if (what === this.haltAt) this.halted = true;
  }
}

function parsing(haltAt?: string) {
  const ear = new Ear();
  ear.haltAt = haltAt;
  const parser = new ReplyParser(ear);
  return { ear, parser, feed: (text: string) => parser.feed(Buffer.from(text, "latin1")) };
}

describe("an answer", () => {
  it.each([
    ["with a length", `${LENGTH}abc`],
    ["in chunks", `${CHUNKED}1\r\na\r\n2\r\nbc\r\n0\r\n\r\n`],
    ["behind interim heads", `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early\r\nlink: x\r\n\r\n${LENGTH}abc`],
  ])("%s is told whole, however it is cut", (_, text) => {
    for (let cut = 0; cut <= text.length; cut += 1) {
      const { ear, parser, feed } = parsing();
      expect(feed(text.slice(0, cut))).toBe(cut);
      expect(feed(text.slice(cut))).toBe(text.length - cut);
      expect([ear.told.slice(0, 3), ear.payload, parser.whole]).toEqual([["begun", "200", "body"], "abc", true]);
    }
  });

  it("that comes byte by byte is the same", () => {
    const { ear, parser, feed } = parsing();
    for (const byte of `${CHUNKED}3\r\nabc\r\n0\r\n\r\n`) feed(byte);
    expect([ear.payload, parser.whole]).toEqual(["abc", true]);
  });

  it("comes in one piece per read, in a buffer of its own", () => {
    const { ear, parser } = parsing();
    const shared = Buffer.from(`${CHUNKED}1\r\na\r\n2\r\nbc\r\n`, "latin1");
    const kept: Buffer[] = [];
    ear.body = (chunk) => void kept.push(chunk);
    parser.feed(shared);
    shared.fill(0);
    expect(kept.map(String)).toEqual(["abc"]);
  });

  it("stops where it ends: the rest is not its own", () => {
    const { parser, feed } = parsing();
    expect(feed(`${LENGTH}abcHTTP/1.1 200 OK`)).toBe(LENGTH.length + 3);
    expect(parser.whole).toBe(true);
  });

  it("without a body is whole with its head", () => {
    const { ear, parser, feed } = parsing();
    feed("HTTP/1.1 204 No Content\r\n\r\n");
    expect([parser.whole, ear.told]).toEqual([true, ["begun", "204"]]);
  });

  it("that ends with the connection is whole only then", () => {
    const { ear, parser, feed } = parsing();
    feed("HTTP/1.1 200 OK\r\n\r\nabc");
    expect([ear.payload, parser.whole, parser.closed(), parser.whole]).toEqual(["abc", false, true, true]);
  });

  it.each([
    ["within the head", "HTTP/1.1 200 OK\r\n"],
    ["before its length", `${LENGTH}ab`],
    ["before the last chunk", `${CHUNKED}1\r\na\r\n`],
    ["before anything", ""],
  ])("is not whole when the connection ends %s", (_, text) => {
    const { parser, feed } = parsing();
    feed(text);
    expect(parser.closed()).toBe(false);
  });

  it("is followed by another after a reset", () => {
    const { ear, parser, feed } = parsing();
    for (const text of [`${CHUNKED}1\r\na\r\n0\r\n\r\n`, `${LENGTH}abc`]) {
      feed(text);
      expect(parser.whole).toBe(true);
      parser.reset();
      expect([parser.whole, parser.head]).toEqual([false, undefined]);
    }
    expect([ear.payload, ear.told.filter((each) => each === "begun").length]).toEqual(["aabc", 2]);
  });
});

describe("a sink that halts", () => {
  it("at the head gets no body until it is fed the rest", () => {
    const { ear, parser, feed } = parsing("200");
    const text = `${LENGTH}abc`;
    expect(feed(text)).toBe(LENGTH.length);
    expect([ear.payload, parser.whole]).toEqual(["", false]);
    ear.halted = false;
    feed("abc");
    expect([ear.payload, parser.whole]).toEqual(["abc", true]);
  });
});

describe("what cannot be read", () => {
  it("is a head without an end", () => {
    const { feed } = parsing();
    feed("HTTP/1.1 200 OK\r\n");
    expect(() => feed(`x: ${"y".repeat(BOUNDS.replyHeaderBytesMax)}`)).toThrow(expect.objectContaining({ code: "WIRE_HEAD_OVERFLOW" }));
  });

  it("is a head that is too long, though it ends", () => {
    const { feed } = parsing();
    const head = `HTTP/1.1 200 OK\r\nx: ${"y".repeat(BOUNDS.replyHeaderBytesMax)}\r\n\r\n`;
    expect(() => feed(head)).toThrow(expect.objectContaining({ code: "WIRE_HEAD_OVERFLOW" }));
  });

  it("is another protocol", () => {
    expect(() => parsing().feed("HTTP/1.1 101 Switching Protocols\r\n\r\n")).toThrow(expect.objectContaining({ code: "WIRE_MALFORMED" }));
  });

  it("are interim heads without number", () => {
    const { feed } = parsing();
    feed("HTTP/1.1 100 Continue\r\n\r\n".repeat(BOUNDS.interimHeadsMax));
    expect(() => feed("HTTP/1.1 100 Continue\r\n\r\n")).toThrow(expect.objectContaining({ code: "WIRE_MALFORMED" }));
  });
});
