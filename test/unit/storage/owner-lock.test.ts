import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { OwnerLock } from "../../../src/storage/owner-lock.ts";
import { temporaryFolder } from "./fixtures/world.ts";

describe("the owner's lock", () => {
  it("is held by one, named in the refusal, and free after release", () => {
    const dir = temporaryFolder();
    const lock = new OwnerLock(dir);
    expect(() => new OwnerLock(dir)).toThrow(`${dir} is in use by another gateway (process ${process.pid})`);
    lock.release();
    new OwnerLock(dir).release();
  });

  it("is not held by a note that a dead process left", () => {
    const dir = temporaryFolder();
    writeFileSync(join(dir, "owner.pid"), "1\n");
    new OwnerLock(dir).release();
  });
});
