import { describe, expect, it } from "vitest";
import { tenantId } from "../../../src/domain/ids.ts";
import { CacheSalts } from "../../../src/stages/cache-salt.ts";
import { sha256 } from "./fixture.ts";

const [ONE, TWO] = [tenantId("tenant-1"), tenantId("tenant-2")];
const open = (secret = "secret"): CacheSalts => new CacheSalts({ sha256 }, secret);

describe("CacheSalts", () => {
  it("give each tenant a salt of its own, the same every time, reckoned once", () => {
    let reckoned = 0;
    const salts = new CacheSalts({ sha256: (bytes) => (reckoned++, sha256(bytes)) }, "secret");
    expect(salts.of(ONE)).toBe(salts.of(ONE));
    expect(salts.of(ONE)).not.toBe(salts.of(TWO));
    expect(reckoned).toBe(2);
  });

  it("show neither the tenant nor what could be reckoned without the secret", () => {
    expect(open().of(ONE)).not.toContain("tenant-1");
    expect(open().of(ONE)).not.toBe(open("other").of(ONE));
    expect(open().of(ONE)).toMatch(/^[\w-]{43}$/);
  });

  it("narrow by the caller's own, and let nobody reach another tenant's", () => {
    const salts = open();
    const all = [
      salts.of(ONE),
      salts.of(ONE, "a"),
      salts.of(ONE, "b"),
      salts.of(ONE, ""),
      salts.of(TWO, "a"),
      salts.of(TWO, salts.of(ONE)),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(salts.of(ONE, "a")).toBe(salts.of(ONE, "a"));
  });
});
