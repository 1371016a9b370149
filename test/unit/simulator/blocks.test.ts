import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type BlockLease, BlockPool } from "../../../src/simulator/blocks.ts";

const prompt = (length: number, from = 0) => Array.from({ length }, (_, index) => from + index);

describe("BlockPool", () => {
  it("finds full blocks of the same prefix again, but always leaves a token to compute", () => {
    const pool = new BlockPool({ blocks: 10, blockTokens: 4 });
    expect(pool.lease(prompt(10), 0)?.hitTokens).toBe(0);
    expect(pool.lease(prompt(10), 0)?.hitTokens).toBe(8);
    expect(pool.lease(prompt(8), 0)?.hitTokens).toBe(4);
    expect(pool.use).toBeCloseTo(4 / 10);
  });

  it("keeps salts apart", () => {
    const pool = new BlockPool({ blocks: 10, blockTokens: 4 });
    pool.lease(prompt(9), 1);
    expect(pool.lease(prompt(9), 2)?.hitTokens).toBe(0);
  });

  it("stays warm after release until the room is needed", () => {
    const pool = new BlockPool({ blocks: 4, blockTokens: 4 });
    const first = pool.lease(prompt(9), 0);
    if (first !== undefined) pool.release(first);
    expect(pool.use).toBe(0);
    const again = pool.lease(prompt(9), 0);
    expect(again?.hitTokens).toBe(8);
    if (again !== undefined) pool.release(again);
    const other = pool.lease(prompt(16, 500), 0);
    expect(pool.use).toBe(1);
    if (other !== undefined) pool.release(other);
    expect(pool.lease(prompt(9), 0)?.hitTokens).toBe(0);
  });

  it("refuses what does not fit and changes nothing", () => {
    const pool = new BlockPool({ blocks: 3, blockTokens: 4 });
    const lease = pool.lease(prompt(8), 0);
    expect(pool.lease(prompt(8, 100), 0)).toBeUndefined();
    expect(pool.use).toBeCloseTo(2 / 3);
    expect(lease === undefined ? false : pool.grow(lease, 8)).toBe(true);
    expect(lease === undefined ? true : pool.grow(lease, 12)).toBe(false);
  });

  it("has every block back in the end, whatever came and went", () => {
    const action = fc.record({
      length: fc.integer({ min: 1, max: 40 }),
      from: fc.integer({ min: 0, max: 3 }),
      grow: fc.nat(30),
      drop: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 40 }), (actions) => {
        const pool = new BlockPool({ blocks: 12, blockTokens: 4 });
        const held: BlockLease[] = [];
        for (const { length, from, grow, drop } of actions) {
          const lease = pool.lease(prompt(length, from), 0);
          if (lease !== undefined) held.push(lease);
          if (lease !== undefined) pool.grow(lease, length + grow);
          const oldest = drop ? held.shift() : undefined;
          if (oldest !== undefined) pool.release(oldest);
          expect(pool.use).toBeLessThanOrEqual(1);
          expect(pool.use).toBeGreaterThanOrEqual(0);
        }
        for (const lease of held) pool.release(lease);
        expect(pool.use).toBe(0);
      }),
    );
  });
});
