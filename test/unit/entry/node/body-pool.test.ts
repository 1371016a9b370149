import { describe, expect, it } from "vitest";
import { BodyPool } from "../../../../src/entry/node/body-pool.ts";

const KIB = 1024;

describe("BodyPool", () => {
  it("gives the next power of two and takes it back for the next of that size", () => {
    const pool = new BodyPool();
    const first = pool.take(200 * KIB);
    expect(first?.length).toBe(256 * KIB);
    if (first !== undefined) pool.give(first);
    expect(pool.take(130 * KIB)).toBe(first);
    expect(pool.take(130 * KIB)).not.toBe(first);
  });

  it("has nothing for small bodies and for huge ones", () => {
    const pool = new BodyPool();
    expect(pool.take(1)).toBeUndefined();
    expect(pool.take(1024 * KIB + 1)).toBeUndefined();
    expect(pool.take(1024 * KIB)?.length).toBe(1024 * KIB);
  });

  it("keeps no more than its bound", () => {
    const pool = new BodyPool();
    const given: Buffer[] = Array.from({ length: 40 }, () => Buffer.alloc(128 * KIB));
    for (const buffer of given) pool.give(buffer);
    const again = Array.from({ length: 40 }, () => pool.take(100 * KIB));
    expect(again.filter((buffer) => buffer !== undefined && given.includes(buffer))).toHaveLength(16);
  });
});
