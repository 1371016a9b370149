import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import { judgeHead } from "../../../../src/entry/node/front.ts";

/** A head as Node's parser leaves it. */
function head(url: string, hosts: readonly string[] = ["api.test"], headers = 0): IncomingMessage {
  const incoming = new IncomingMessage(new Socket());
  incoming.url = url;
  const raw = [...hosts.flatMap((host) => ["Host", host]), ...Array.from({ length: headers }, (_, nth) => [`x-${nth}`, "1"]).flat()];
  incoming.rawHeaders = raw;
  incoming.httpVersionMajor = incoming.httpVersionMinor = 1;
  if (hosts[0] !== undefined) incoming.headers.host = hosts[0];
  return incoming;
}

const verdict = (incoming: IncomingMessage): string => judgeHead(incoming)?.fault ?? "passes";

describe("a path", () => {
  it.each(["/", "/v1/models", "/v1/models/a%2Fb?x=../..", "/v1/models/..a", "/v1/a.b/c", "/~!$&'()*+,;=:@"])("passes: %s", (path) => {
    expect(verdict(head(path))).toBe("passes");
  });

  it.each([
    "/v1/../admin",
    "/..",
    "/.",
    "/a/./b",
    "/v1/..?x",
    "/a\\b",
    "/a b",
    "/ä",
    "/a\u0000",
    "/v1/models#x",
    "",
    "*",
    "v1/models",
    "mailto:x",
  ])("is refused, since two readers may read it differently: %j", (path) => {
    expect(verdict(head(path))).toBe("invalid_value");
  });

  it("has its bound, and so has the number of headers", () => {
    expect(verdict(head(`/${"a".repeat(BOUNDS.urlBytesMax - 1)}`))).toBe("passes");
    expect(verdict(head(`/${"a".repeat(BOUNDS.urlBytesMax)}`))).toBe("headers_too_large");
    expect(verdict(head("/", ["api.test"], BOUNDS.headersCountMax - 1))).toBe("passes");
    expect(verdict(head("/", ["api.test"], BOUNDS.headersCountMax))).toBe("headers_too_large");
  });
});

describe("a message", () => {
  it.each([
    [0, 9],
    [2, 0],
  ])("of HTTP/%i.%i is none of ours", (major, minor) => {
    expect(verdict(Object.assign(head("/"), { httpVersionMajor: major, httpVersionMinor: minor }))).toBe("invalid_value");
  });

  it.each(["gzip, chunked", "identity, chunked", "chunked, gzip", "identity", ""])("in the coding %j is refused", (coding) => {
    const coded = head("/");
    coded.headers["transfer-encoding"] = coding;
    expect(verdict(coded)).toBe("invalid_value");
  });

  it("in chunks passes, whatever the case, and not in HTTP/1.0", () => {
    const coded = head("/");
    coded.headers["transfer-encoding"] = "CHUNKED";
    expect(verdict(coded)).toBe("passes");
    expect(verdict(Object.assign(coded, { httpVersionMinor: 0 }))).toBe("invalid_value");
  });
});

describe("a host", () => {
  it.each(["api.test", "API.test:8080", "192.0.2.1:80", "[2001:db8::1]:8443", "a_b-c.test"])("passes: %s", (host) => {
    expect(verdict(head("/", [host]))).toBe("passes");
  });

  it.each(["api.test/x", "api.test, other.test", "user@api.test", "api.test:123456", "a b", "[::1", "api.test\\"])(
    "is none of ours: %s",
    (host) => {
      expect(verdict(head("/", [host]))).toBe("unknown_host");
    },
  );

  it("is named once, whatever the case", () => {
    expect(verdict(head("/", ["api.test", "api.test"]))).toBe("unknown_host");
    const shouting = head("/");
    shouting.rawHeaders = ["Host", "api.test", "HOST", "other.test"];
    expect(verdict(shouting)).toBe("unknown_host");
  });

  it("may be missing: the port may tell, or nobody", () => {
    expect(verdict(head("/", []))).toBe("passes");
  });
});

describe("a target in absolute form", () => {
  it("becomes a path when it names the host that Host names", () => {
    const incoming = head("http://API.test/v1/models?x=1");
    expect(verdict(incoming)).toBe("passes");
    expect(incoming.url).toBe("/v1/models?x=1");
    const bare = head("https://api.test");
    expect([verdict(bare), bare.url]).toEqual(["passes", "/"]);
  });

  it.each([
    ["http://other.test/v1/models", "unknown_host"],
    ["http://api.test/../x", "invalid_value"],
    ["http://user@api.test/", "invalid_value"],
    ["http://api.test\\@other.test/", "invalid_value"],
    ["ftp://api.test/", "invalid_value"],
    ["http:///v1/models", "invalid_value"],
  ])("%s: %s", (target, fault) => {
    expect(verdict(head(target))).toBe(fault);
  });
});
