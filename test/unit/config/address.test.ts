import { describe, expect, it } from "vitest";
import { parseAddress } from "../../../src/config/address.ts";

describe("parseAddress", () => {
  it("splits host and port", () => {
    expect(parseAddress("127.0.0.1:8080")).toEqual({ host: "127.0.0.1", port: 8080 });
    expect(parseAddress("[::1]:0")).toEqual({ host: "::1", port: 0 });
    expect(parseAddress("LocalHost:1")).toEqual({ host: "localhost", port: 1 });
  });

  it("refuses what has no port, or a bare IPv6 host", () => {
    for (const text of ["8080", "localhost", "::1:80", ":80", ""]) expect(parseAddress(text)).toBeUndefined();
  });
});
