import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import { workerHash } from "../../../../src/entry/worker/hash.ts";
import { partsOf, StoredConfiguration, type Stored } from "../../../../src/storage/d1/configuration.ts";
import { MemoryD1 } from "../fixtures/sqlites.ts";

const sha256 = (text: string): string => workerHash.sha256(text);

function publish(d1: MemoryD1, stored: Stored): string {
  const { version, parts } = partsOf(stored, sha256);
  parts.forEach((text, part) => d1.database.prepare("insert into configuration_part values (?, ?, ?)").run(version, part, text));
  d1.database.prepare("insert or replace into meta values ('configuration', ?)").run(version);
  return version;
}

const LONG: Stored = {
  epoch: 7,
  file: "a.yaml",
  text: `x: "${"ü😀".repeat(BOUNDS.storedConfigPartBytes)}"`,
  files: { "b.yaml": "y: 'it''s'" },
};

describe("StoredConfiguration", () => {
  it("gives back what was published, however many pieces it took", async () => {
    const d1 = new MemoryD1();
    const stored = new StoredConfiguration(d1, sha256);
    expect(await stored.version()).toBeUndefined();
    const version = publish(d1, LONG);
    expect(await stored.version()).toBe(version);
    expect(await stored.read(version)).toEqual({ version, ...LONG });
    expect(partsOf(LONG, sha256).parts.length).toBeGreaterThan(3);
  });

  it("takes nothing that is not whole, or was changed", async () => {
    const d1 = new MemoryD1();
    const version = publish(d1, LONG);
    d1.database.prepare("delete from configuration_part where part = 1").run();
    await expect(new StoredConfiguration(d1, sha256).read(version)).rejects.toThrow("not whole");
    await expect(new StoredConfiguration(d1, sha256).read("nothing")).rejects.toThrow("not whole");
  });

  it("has one salt for all who ask", async () => {
    const stored = new StoredConfiguration(new MemoryD1(), sha256);
    expect([await stored.cacheSalt("first"), await stored.cacheSalt("second")]).toEqual(["first", "first"]);
  });
});
