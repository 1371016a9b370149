import { describe, expect, it } from "vitest";
import { readReplyHead } from "../../../src/transport/reply-head.ts";

function head(...lines: string[]) {
  return readReplyHead(lines.join("\r\n"));
}

describe("a head", () => {
  it("gives status, names in lower case and trimmed values, and repeated ones as a list", () => {
    const read = head("HTTP/1.1 200 OK", "Content-Type: text/event-stream ", "x:", "A: 1", "a:2", "a:\t3");
    expect(read.status).toBe(200);
    expect({ ...read.headers }).toEqual({ "content-type": "text/event-stream", x: "", a: ["1", "2", "3"] });
  });

  it("needs no reason behind its status", () => {
    expect(head("HTTP/1.1 404").status).toBe(404);
    expect(head("HTTP/1.1 404 ").status).toBe(404);
  });

  it("keeps names that objects have of themselves apart", () => {
    const { headers } = head("HTTP/1.1 200 OK", "__proto__: x", "constructor: y");
    expect(Object.keys(headers)).toEqual(["__proto__", "constructor"]);
    expect(head("HTTP/1.1 200 OK").headers["toString"]).toBeUndefined();
  });
});

describe("where the body ends", () => {
  it.each([
    ["chunked", ["transfer-encoding: chunked"], "chunked"],
    ["chunked in any case", ["Transfer-Encoding: CHUNKED"], "chunked"],
    ["after its length", ["content-length: 012"], 12],
    ["with the connection", [], "close"],
  ])("%s", (_, lines, framing) => {
    expect(head("HTTP/1.1 200 OK", ...lines).framing).toBe(framing);
  });

  it.each([100, 204, 304])("at once for %i", (status) => {
    expect(head(`HTTP/1.1 ${String(status)} x`, "content-length: 5").framing).toBe(0);
  });

  it.each([
    ["a length beside a coding", ["content-length: 5", "transfer-encoding: chunked"]],
    ["two lengths", ["content-length: 5", "content-length: 5"]],
    ["a list of lengths", ["content-length: 5, 5"]],
    ["a length with a sign", ["content-length: +5"]],
    ["a length in hex", ["content-length: 0x5"]],
    ["an empty length", ["content-length:"]],
    ["a length beyond counting", ["content-length: 9999999999999999"]],
    ["another coding", ["transfer-encoding: gzip"]],
    ["a list of codings", ["transfer-encoding: gzip, chunked"]],
    ["two codings", ["transfer-encoding: chunked", "transfer-encoding: chunked"]],
  ])("is in doubt with %s: refused", (_, lines) => {
    expect(() => head("HTTP/1.1 200 OK", ...lines)).toThrow(expect.objectContaining({ code: "WIRE_MALFORMED" }));
  });
});

describe("the next exchange", () => {
  it.each([
    ["may follow", "HTTP/1.1 200 OK", ["content-length: 0"], true],
    ["may not after HTTP/1.0", "HTTP/1.0 200 OK", ["content-length: 0"], false],
    ["may not after close", "HTTP/1.1 200 OK", ["content-length: 0", "Connection: x, Close"], false],
    ["may not where the connection is the end", "HTTP/1.1 200 OK", [], false],
    ["may after a word like close", "HTTP/1.1 200 OK", ["content-length: 0", "connection: closed"], true],
  ])("%s", (_, first, lines, keepAlive) => {
    expect(head(first, ...lines).keepAlive).toBe(keepAlive);
  });

  it.each([
    ["timeout=5", 5_000],
    ["max=10, timeout=7", 7_000],
    ["max=10", undefined],
    ["timeout=x", undefined],
    ["xtimeout=5", undefined],
  ])("comes within %s", (hint, idleMs) => {
    expect(head("HTTP/1.1 200 OK", "content-length: 0", `keep-alive: ${hint}`).idleMs).toBe(idleMs);
  });
});

describe("what is no head", () => {
  it.each([
    ["another protocol", "SSH-2.0-OpenSSH"],
    ["another version", "HTTP/2 200 OK"],
    ["no status", "HTTP/1.1 OK"],
    ["a status beyond", "HTTP/1.1 600 x"],
    ["two digits", "HTTP/1.1 20 x"],
    ["a folded line", "HTTP/1.1 200 OK\r\na: b\r\n c"],
    ["a space before the colon", "HTTP/1.1 200 OK\r\na : b"],
    ["no colon", "HTTP/1.1 200 OK\r\nab"],
    ["no name", "HTTP/1.1 200 OK\r\n: b"],
    ["a bare line feed", "HTTP/1.1 200 OK\r\na: b\nc: d"],
    ["a bare carriage return", "HTTP/1.1 200 OK\r\na: b\rc: d"],
    ["a NUL", "HTTP/1.1 200 OK\r\na: b\0"],
    ["a line feed behind the status", "HTTP/1.1 200 OK\na: b"],
  ])("%s", (_, text) => {
    expect(() => readReplyHead(text)).toThrow(expect.objectContaining({ code: "WIRE_MALFORMED" }));
  });
});
