import { describe, expect, it } from "vitest";
import { NodeRandom } from "../../../../src/entry/node/random.ts";

const MANY = 2_000;
const many = <T>(make: () => T): readonly T[] => Array.from({ length: MANY }, make);

describe("NodeRandom", () => {
  const random = new NodeRandom();

  it("makes request ids that are version 7 UUIDs without dashes, sorted by time, never the same", () => {
    const ids = many(() => random.requestId(1_795_353_600_000));
    expect(new Set(ids).size).toBe(MANY);
    for (const id of ids) expect(id).toMatch(/^01a20369e0007[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    expect(random.requestId(1_795_353_599_999) < random.requestId(1_795_353_600_000)).toBe(true);
  });

  it("makes ids of 128 bits behind their prefix, and secrets of 256", () => {
    const [ids, secrets] = [many(() => random.id("key")), many(() => random.secret())];
    expect([new Set(ids).size, new Set(secrets).size]).toEqual([MANY, MANY]);
    for (const id of ids) expect(id).toMatch(/^key_[0-9a-f]{32}$/);
    for (const secret of secrets) expect(Buffer.from(secret, "base64url")).toHaveLength(32);
  });

  it("draws numbers from 0 to below 1, over the whole range", () => {
    const units = many(() => random.unit());
    expect(units.every((unit) => unit >= 0 && unit < 1)).toBe(true);
    expect(Math.min(...units)).toBeLessThan(0.01);
    expect(Math.max(...units)).toBeGreaterThan(0.99);
    expect(units.reduce((sum, unit) => sum + unit, 0) / MANY).toBeCloseTo(0.5, 1);
  });

  it("gives no byte out twice, whatever is drawn in between", () => {
    const drawn = many(() => [random.secret(), random.requestId(0), random.id("x"), String(random.unit())]).flat();
    expect(new Set(drawn).size).toBe(4 * MANY);
  });
});
