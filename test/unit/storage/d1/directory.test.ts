import { describe, expect, it } from "vitest";
import { keyStatements } from "../../../../scripts/worker-key.ts";
import { BOUNDS } from "../../../../src/bounds.ts";
import { D1Directory } from "../../../../src/storage/d1/directory.ts";
import { workerHash } from "../../../../src/entry/worker/hash.ts";
import { DECLARED } from "../../../contract/directory.ts";
import { MemoryD1 } from "../fixtures/sqlites.ts";
import { VirtualClock } from "../fixtures/world.ts";

const MADE = { nowMs: 1, id: "key_made", secret: "sk-made" };
const HASH = workerHash.sha256(MADE.secret);

function setup(project = "p1") {
  const d1 = new MemoryD1();
  const clock = new VirtualClock();
  const directory = new D1Directory(d1, clock);
  directory.reload(DECLARED);
  d1.database.exec(keyStatements(["create", "--project", project, "--name", "it's made", "--expires", "2030-01-01T00:00:00Z"], MADE).sql);
  return { d1, clock, directory };
}

describe("D1Directory", () => {
  it("knows declared keys without asking", async () => {
    const { d1, directory } = setup();
    await directory.fetch("hash-of-k1");
    expect([directory.byKeyHash("hash-of-k1")?.tenant.id, d1.asked]).toEqual(["t1", 0]);
  });

  it("knows a key from D1 once it was fetched, with everything above it", async () => {
    const { directory } = setup();
    expect(directory.byKeyHash(HASH)).toBeUndefined();
    await directory.fetch(HASH);
    const { msp, tenant, project, key } = directory.byKeyHash(HASH) ?? {};
    expect([msp?.id, tenant?.id, project?.id]).toEqual(["m1", "t1", "p1"]);
    expect(key).toMatchObject({
      id: "key_made",
      name: "it's made",
      hint: "made",
      explain: false,
      models: undefined,
      revokedAtMs: undefined,
    });
    expect(key?.expiresAtMs).toBe(Date.UTC(2030, 0, 1));
  });

  it("asks again when what it knows has become old, and sees a revocation then", async () => {
    const { d1, clock, directory } = setup();
    await directory.fetch(HASH);
    await directory.fetch(HASH);
    expect(d1.asked).toBe(1);
    d1.database.exec(keyStatements(["revoke", "--id", MADE.id], MADE).sql);
    clock.pass(BOUNDS.keyCacheMsMax);
    await directory.fetch(HASH);
    expect(directory.byKeyHash(HASH)?.key.revokedAtMs).toBe(1);
    d1.database.exec("delete from api_key");
    clock.pass(BOUNDS.keyCacheMsMax);
    await directory.fetch(HASH);
    expect(directory.byKeyHash(HASH)).toBeUndefined();
  });

  it("keeps nobody whom it does not know, and no key of a project that is not declared", async () => {
    const { d1, directory } = setup("nowhere");
    await directory.fetch(HASH);
    await directory.fetch("guess");
    await directory.fetch("guess");
    expect([directory.byKeyHash(HASH), directory.byKeyHash("guess"), d1.asked]).toEqual([undefined, undefined, 3]);
  });

  it("does not answer from memory when D1 is away and what it knows is old", async () => {
    const { d1, clock, directory } = setup();
    await directory.fetch(HASH);
    d1.fails = true;
    await directory.fetch(HASH);
    clock.pass(BOUNDS.keyCacheMsMax);
    await expect(directory.fetch(HASH)).rejects.toThrow("away");
  });

  it("names keys that are in both homes, by id or by secret", async () => {
    const { d1, directory } = setup();
    expect(await directory.inBothHomes(DECLARED)).toEqual([]);
    d1.database.exec(keyStatements(["create", "--project", "p1", "--name", "n"], { ...MADE, id: "k1", secret: "other" }).sql);
    d1.database.exec("update api_key set hash = 'hash-of-k1' where id = 'key_made'");
    expect((await directory.inBothHomes(DECLARED)).map((line) => /"([^"]+)"/.exec(line)?.[1])).toEqual(["k1", "key_made"]);
  });
});
