import { describe, expect, it, onTestFinished } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { keyId, mspId, tenantId } from "../../../src/domain/ids.ts";
import { openDirectory } from "../../../src/storage/open-directory.ts";
import type { SqliteDirectory } from "../../../src/storage/directory.ts";
import { databasePath, openDatabase } from "../../../src/storage/database.ts";
import { DECLARED, directoryContract, hashOf, newKey, NO_LIMITS } from "../../contract/directory.ts";
import type { Lawmaker } from "../../../src/ports.ts";
import { PlainLaw } from "./fixtures/law.ts";
import { CountingRandom, temporaryFolder, VirtualClock } from "./fixtures/world.ts";
import { readdirSync, readFileSync } from "node:fs";
import { join, dirname } from "node:path";

const random = new CountingRandom();

function open(dir: string, clock = new VirtualClock(), law: Lawmaker = new PlainLaw()): SqliteDirectory {
  const opened = openDirectory({ dir, declared: DECLARED, clock, random, law });
  onTestFinished(() => {
    opened.close();
  });
  return opened.directory;
}

directoryContract("SQLite", () => {
  const clock = new VirtualClock();
  const law = new PlainLaw();
  return {
    directory: open(temporaryFolder(), clock, law),
    inForce: () => law.inForce,
    pass: (ms) => {
      clock.pass(ms);
    },
  };
});

describe("the SQLite directory", () => {
  it("sees another process's revocation as soon as its cache is old, and not later", () => {
    const dir = temporaryFolder();
    const clock = new VirtualClock();
    const [here, there] = [open(dir, clock), open(dir, clock)];
    const { key, secret } = there.createKey(newKey());
    expect(here.byKeyHash(hashOf(secret))?.key.id).toBe(key.id);
    there.revokeKey(key.id);
    clock.pass(BOUNDS.keyCacheMsMax);
    expect(here.byKeyHash(hashOf(secret))?.key.revokedAtMs).toBeUndefined();
    clock.pass(1);
    expect(here.byKeyHash(hashOf(secret))?.key.revokedAtMs).toBeDefined();
  });

  it("answers a known key from memory", () => {
    const directory = open(temporaryFolder());
    const { secret } = directory.createKey(newKey());
    expect(directory.byKeyHash(hashOf(secret))).toBe(directory.byKeyHash(hashOf(secret)));
  });

  it("keeps everything but the secret", () => {
    const dir = temporaryFolder();
    const { secret } = open(dir).createKey(newKey());
    expect(open(dir).byKeyHash(hashOf(secret))?.key.name).toBe("new");
    const folder = dirname(databasePath(dir));
    for (const file of readdirSync(folder)) expect(readFileSync(join(folder, file)).includes(secret)).toBe(false);
  });

  it("refuses a reload that declares what it holds, names it, and stays as it was", () => {
    const directory = open(temporaryFolder());
    directory.createTenant({ id: "t2", msp: "m1", name: "T2", defaultClass: "secret" });
    const { key, secret } = directory.createKey(newKey());
    const [k1] = DECLARED.keys;
    const [t1] = DECLARED.tenants.values();
    if (k1 === undefined || t1 === undefined) throw new Error("nothing declared");
    const tenants = new Map([...DECLARED.tenants, [tenantId("t2"), { ...t1, id: tenantId("t2") }]]);
    expect(() => {
      directory.reload({ ...DECLARED, tenants });
    }).toThrow(/tenant "t2"/);
    expect(() => {
      directory.reload({ ...DECLARED, keys: [{ ...k1, id: key.id }] });
    }).toThrow(key.id);
    expect(() => {
      directory.reload({ ...DECLARED, keys: [{ ...k1, id: keyId("k9"), hash: hashOf(secret) }] });
    }).toThrow(/secret of key/);
    expect(directory.byKeyHash("hash-of-k1")?.key.id).toBe("k1");
    expect(directory.listTenants()).toHaveLength(2);
  });

  it("knows nobody whose MSP a reload took away, and shows new limits at once", () => {
    const directory = open(temporaryFolder());
    const { secret } = directory.createKey(newKey());
    const [m1] = DECLARED.msps.values();
    if (m1 === undefined) throw new Error("nothing declared");
    expect(directory.byKeyHash(hashOf(secret))?.msp.limits).toEqual(NO_LIMITS);
    directory.reload({ ...DECLARED, msps: new Map([[mspId("m1"), { ...m1, limits: { ...NO_LIMITS, concurrency: 1 } }]]) });
    expect(directory.byKeyHash(hashOf(secret))?.msp.limits.concurrency).toBe(1);
    directory.reload({ ...DECLARED, msps: new Map() });
    expect(directory.byKeyHash(hashOf(secret))).toBeUndefined();
    expect(directory.byKeyHash("hash-of-k1")).toBeUndefined();
  });

  it("holds a project to its number of keys, revoked ones aside", () => {
    const dir = temporaryFolder();
    const directory = open(dir);
    const first = directory.createKey(newKey());
    const database = openDatabase(dir);
    database
      .prepare(
        `insert into api_key with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
         select id || i, project, name, hash || i, hint, limits, models, cidrs, explain, created_at_ms, expires_at_ms, revoked_at_ms from api_key, n`,
      )
      .run(BOUNDS.keysPerProjectMax - 1);
    database.close();
    expect(() => directory.createKey(newKey())).toThrow(expect.objectContaining({ fault: "invalid_value", param: "project" }));
    directory.revokeKey(first.key.id);
    expect(directory.createKey(newKey()).key.home).toBe("database");
  });
});
