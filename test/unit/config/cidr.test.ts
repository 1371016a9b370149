import { isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isCidr } from "../../../src/config/cidr.ts";

describe("isCidr", () => {
  it("takes ranges", () => {
    for (const text of [
      "10.0.0.0/8",
      "0.0.0.0/0",
      "1.2.3.4/32",
      "::/0",
      "fd00::/8",
      "2001:db8::1/128",
      "::ffff:1.2.3.4/96",
      "1:2:3:4:5:6:7:8/64",
      "1::8/64",
    ])
      expect([text, isCidr(text)]).toEqual([text, true]);
  });

  it("refuses everything else", () => {
    for (const text of [
      "10.0.0.0",
      "10.0.0.0/33",
      "10.0.0/8",
      "256.0.0.0/8",
      "01.0.0.0/8",
      "10.0.0.0/08",
      "::/129",
      ":::/8",
      "1:2:3:4:5:6:7:8:9/64",
      "1::2::3/8",
      "g::/8",
      "1:2:3:4:5:6:7/64",
      "1:2:3:4:5:6:7::8/64",
      "localhost/8",
      "/8",
      "",
    ]) {
      expect([text, isCidr(text)]).toEqual([text, false]);
    }
  });

  it("knows the same addresses as the runtime", () => {
    const group = fc.constantFrom("0", "1", "ab", "ffff", "", ":", "1.2.3.4", "12345");
    const text = fc.array(group, { maxLength: 9 }).map((groups) => groups.join(":"));
    fc.assert(
      fc.property(fc.oneof(text, fc.ipV6(), fc.ipV4()), (address) => isCidr(`${address}/8`) === (isIP(address) !== 0)),
      { numRuns: 2_000 },
    );
  });
});
