import { describe, expect, it } from "vitest";
import { blockOf, inAnyRange, parseAddress, parseRange } from "../../../src/domain/address.ts";

describe("parseAddress", () => {
  it.each([
    ["127.0.0.1", "::ffff:127.0.0.1"],
    ["::", "0:0:0:0:0:0:0:0"],
    ["2001:db8::1", "2001:0db8:0:0:0:0:0:1"],
    ["fe80::1%eth0", "fe80::1"],
  ])("reads %s as %s", (left, right) => {
    expect(parseAddress(left)).toBe(parseAddress(right));
    expect(parseAddress(left)).toBeDefined();
  });

  it.each([
    "",
    "1.2.3",
    "1.2.3.256",
    "01.2.3.4",
    "1.2.3.4.5",
    "::1::2",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "g::1",
    "1:2:3:4:5:6:7::8:9",
  ])("refuses %j", (text) => {
    expect(parseAddress(text)).toBeUndefined();
  });
});

describe("parseRange", () => {
  it.each(["10.0.0.0/33", "10.0.0.1/8", "2001:db8::/129", "2001:db8::1/32", "10.0.0.0/08", "10.0.0.0/", "x/8"])("refuses %s", (text) => {
    expect(parseRange(text)).toBeUndefined();
  });
});

describe("inAnyRange", () => {
  it("counts a mapped IPv4 address as the IPv4 address", () => {
    expect(inAnyRange("::ffff:10.1.2.3", ["10.0.0.0/8"])).toBe(true);
    expect(inAnyRange("10.1.2.3", ["10.0.0.0/8"])).toBe(true);
    expect(inAnyRange("11.1.2.3", ["10.0.0.0/8"])).toBe(false);
  });

  it("keeps IPv6 prefixes apart", () => {
    expect(inAnyRange("2001:db8:1::5", ["2001:db8::/32"])).toBe(true);
    expect(inAnyRange("2001:db9::5", ["2001:db8::/32", "fe80::/10"])).toBe(false);
  });

  it("finds what cannot be read in no range, and everything in /0", () => {
    expect(inAnyRange("somewhere", ["::/0"])).toBe(false);
    expect(inAnyRange("192.0.2.1", ["::/0"])).toBe(true);
    expect(inAnyRange("192.0.2.1", ["0.0.0.0/0"])).toBe(true);
  });
});

describe("blockOf", () => {
  it("takes every address of an IPv6 /64 for one, and an IPv4 address for itself, mapped or not", () => {
    expect(blockOf("2001:db8:1:2::1")).toBe(blockOf("2001:db8:1:2:ffff::9"));
    expect(blockOf("2001:db8:1:2::1")).not.toBe(blockOf("2001:db8:1:3::1"));
    expect([blockOf("10.0.0.1"), blockOf("::ffff:10.0.0.1"), blockOf("none:of:them")]).toEqual([
      "10.0.0.1",
      "::ffff:10.0.0.1",
      "none:of:them",
    ]);
  });
});
