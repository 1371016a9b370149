import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import { keyId } from "../../../../src/domain/ids.ts";
import { MemoryDoor } from "../../../../src/entry/node/door.ts";

const KINDS = [
  ["failed", BOUNDS.failedKeysPerMinuteMax],
  ["keyless", BOUNDS.unauthenticatedPerMinuteMax],
] as const;

describe.each(KINDS)("MemoryDoor: %s", (kind, perMinuteMax) => {
  const knock = async (door: MemoryDoor, address: string, times: number): Promise<boolean> => {
    let open = true;
    for (let time = 0; time < times; time++) open = await door[kind](address);
    return open;
  };

  it("stays open up to the bound, then closes for that address alone", async () => {
    const door = new MemoryDoor();
    expect(await knock(door, "10.0.0.1", perMinuteMax)).toBe(true);
    expect(await knock(door, "10.0.0.1", 1)).toBe(false);
    expect(await knock(door, "10.0.0.2", 1)).toBe(true);
  });

  it("keeps the two counts apart", async () => {
    const door = new MemoryDoor();
    await knock(door, "10.0.0.1", perMinuteMax + 1);
    expect(await (kind === "failed" ? door.keyless("10.0.0.1") : door.failed("10.0.0.1"))).toBe(true);
  });

  it("remembers so many addresses and no more; who keeps knocking is not forgotten", async () => {
    const door = new MemoryDoor(3);
    await knock(door, "busy", perMinuteMax);
    await knock(door, "quiet", perMinuteMax);
    for (let other = 0; other < 20; other++) {
      await door[kind](`10.0.1.${other}`);
      expect(await door[kind]("busy")).toBe(false);
    }
    expect(door.addressesKept).toBe(3);
    expect(await door[kind]("quiet")).toBe(true);
  });
});

it("MemoryDoor counts what each key only reads", async () => {
  const door = new MemoryDoor();
  const [busy, other] = [keyId("key-busy"), keyId("key-other")];
  for (let time = 0; time < BOUNDS.readsPerMinuteMax; time++) expect(await door.reading(busy)).toBe(true);
  expect([await door.reading(busy), await door.reading(other)]).toEqual([false, true]);
});
