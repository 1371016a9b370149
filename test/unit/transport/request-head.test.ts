import { describe, expect, it } from "vitest";
import type { Outbound } from "../../../src/ports.ts";
import { joinRequest, wireRequest } from "../../../src/transport/request-head.ts";

const ADDRESS = { host: "gpu.test:8000", prefix: "/deep" };
const ASKED: Outbound = { method: "POST", path: "/v1/x", headers: ["content-type", "application/json"], body: Buffer.from("{}") };

describe("a request", () => {
  it("is written with host, headers and length", () => {
    const request = wireRequest(ADDRESS, ASKED);
    expect(joinRequest(request).toString()).toBe(
      "POST /deep/v1/x HTTP/1.1\r\nhost: gpu.test:8000\r\nconnection: keep-alive\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}",
    );
  });

  it("in pieces has the length of all", () => {
    const pieces = [Buffer.from("äb"), Buffer.from("c")];
    const request = wireRequest(ADDRESS, { ...ASKED, body: undefined, pieces });
    expect(request.bodyBytes).toBe(4);
    expect(joinRequest(request).toString().endsWith("content-length: 4\r\n\r\näbc")).toBe(true);
  });

  it("without a body says so unless it is a GET", () => {
    expect(wireRequest(ADDRESS, { ...ASKED, body: undefined }).head).toContain("content-length: 0\r\n\r\n");
    expect(wireRequest(ADDRESS, { ...ASKED, method: "GET", body: undefined }).head).not.toContain("content-length");
  });

  it("writes the upper half of latin1 as one byte each", () => {
    const request = wireRequest(ADDRESS, { ...ASKED, headers: ["x", "\u00e4"] });
    expect(joinRequest(request).includes(Buffer.from([0x78, 0x3a, 0x20, 0xe4, 0x0d, 0x0a]))).toBe(true);
  });
});

describe("what would begin another line or request", () => {
  it.each([
    ["a line feed in a value", { headers: ["a", "b\nc"] }],
    ["a carriage return in a value", { headers: ["a", "b\rc"] }],
    ["a NUL in a value", { headers: ["a", "b\0"] }],
    ["a wide character in a value", { headers: ["a", "\u010a"] }],
    ["a colon in a name", { headers: ["a:b", "c"] }],
    ["a space in a name", { headers: ["a b", "c"] }],
    ["no name", { headers: ["", "c"] }],
    ["a space in the path", { path: "/a b" }],
    ["a line break in the path", { path: "/a\r\nx: y" }],
    ["no slash", { path: "http://elsewhere.test/" }],
  ])("%s is refused", (_, change) => {
    expect(() => wireRequest(ADDRESS, { ...ASKED, ...change })).toThrow(expect.objectContaining({ code: "WIRE_UNWRITABLE" }));
  });
});
