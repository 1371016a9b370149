import { openSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { NODE_DISK } from "../../../src/storage/disk.ts";
import { GroupSync } from "../../../src/storage/group-sync.ts";
import { temporaryFolder } from "./fixtures/world.ts";

/** A disk whose syncs end when the test says so. */
function slow() {
  const running: ((failure: Error | null) => void)[] = [];
  const sync = new GroupSync({ ...NODE_DISK, datasync: (_, then) => running.push(then) });
  const state = async (promise: Promise<void>): Promise<string> =>
    Promise.race([
      promise.then(
        () => "done",
        () => "failed",
      ),
      new Promise<string>((resolve) => {
        queueMicrotask(() => {
          queueMicrotask(() => {
            queueMicrotask(() => {
              resolve("waits");
            });
          });
        });
      }),
    ]);
  return { running, sync, state };
}

describe("group sync", () => {
  it("runs one at a time and one more for all that came meanwhile", async () => {
    const { running, sync, state } = slow();
    const first = sync.request(1);
    const second = sync.request(1);
    const third = sync.request(1);
    expect(running).toHaveLength(1);
    running.shift()?.(null);
    expect(await state(first)).toBe("done");
    expect(await state(second)).toBe("waits");
    expect(await state(sync.settled())).toBe("waits");
    expect(running).toHaveLength(1);
    running.shift()?.(null);
    expect(await Promise.all([state(second), state(third), state(sync.settled())])).toEqual(["done", "done", "done"]);
  });

  it("fails all who wait, and everyone after them", async () => {
    const { running, sync, state } = slow();
    const waiting = [sync.request(1), sync.request(1)];
    running.shift()?.(new Error("EIO"));
    expect(await Promise.all(waiting.map(state))).toEqual(["failed", "failed"]);
    expect(await state(sync.request(1))).toBe("failed");
    expect(await state(sync.settled())).toBe("failed");
  });

  it("closes a retired file only when no sync uses it", () => {
    const { running, sync } = slow();
    const fd = openSync(join(temporaryFolder(), "segment"), "a");
    sync.request(fd).catch(() => undefined);
    sync.retire(fd);
    expect(() => {
      NODE_DISK.truncate(fd, 0);
    }).not.toThrow();
    running.shift()?.(null);
    expect(() => {
      NODE_DISK.truncate(fd, 0);
    }).toThrow("EBADF");
  });
});
