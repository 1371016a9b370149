import { readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { NODE_DISK } from "../../../src/storage/disk.ts";
import type { Disk } from "../../../src/storage/disk.ts";
import { readJournal } from "../../../src/storage/journal-batch.ts";
import { FileJournal } from "../../../src/storage/journal-file.ts";
import type { FileJournalOptions } from "../../../src/storage/journal-file.ts";
import { listSegments, segmentPath } from "../../../src/storage/journal-segments.ts";
import { journalContract } from "../../contract/journal.ts";
import { end, hold, mark, temporaryFolder, VirtualClock } from "./fixtures/world.ts";

function open(over: Partial<FileJournalOptions> = {}): { journal: FileJournal; clock: VirtualClock; dir: string } {
  const clock = new VirtualClock();
  const dir = over.dir ?? temporaryFolder();
  return { journal: new FileJournal({ dir, clock, fsync: false, segment: 1, ...over }), clock, dir };
}

const records = (dir: string) =>
  listSegments(dir).flatMap((segment) => [...readJournal(segmentPath(dir, segment))].flatMap((batch) => batch.records));

/** A disk with so many bytes left; a write that does not fit goes out in part, as on a real one. */
class SmallDisk implements Disk {
  bytesLeft: number;
  truncates = true;
  syncs = true;
  writes = 0;

  constructor(bytesLeft: number) {
    this.bytesLeft = bytesLeft;
  }

  write(fd: number, bytes: Buffer): number {
    this.writes += 1;
    if (this.bytesLeft <= 0) throw new Error("ENOSPC");
    const count = NODE_DISK.write(fd, bytes.subarray(0, Math.min(bytes.length, this.bytesLeft)));
    this.bytesLeft -= count;
    return count;
  }

  truncate(fd: number, bytes: number): void {
    if (!this.truncates) throw new Error("EIO");
    NODE_DISK.truncate(fd, bytes);
  }

  datasync(fd: number, then: (failure: Error | null) => void): void {
    if (this.syncs) NODE_DISK.datasync(fd, then);
    else then(new Error("EIO"));
  }
}

for (const fsync of [false, true]) {
  journalContract(fsync ? "file, synced" : "file", () => {
    const { journal, clock, dir } = open({ fsync });
    return Promise.resolve({
      journal,
      endTurn: async () => {
        clock.endTurn();
        await journal.durable();
      },
      stored: () => Promise.resolve(records(dir)),
    });
  });
}

describe("the journal file", () => {
  it("writes once per turn, however much was appended", () => {
    const disk = new SmallDisk(Infinity);
    const { journal, clock } = open({ disk });
    for (let n = 0; n < 100; n += 1) journal.append(hold(n));
    expect(clock.turnsWaiting).toBe(1);
    expect(disk.writes).toBe(0);
    clock.endTurn();
    expect(disk.writes).toBe(1);
  });

  it("splits a turn that is larger than a batch may be", () => {
    const { journal, clock, dir } = open();
    const large = hold(0, { priceVersion: "v".repeat(300_000) });
    for (let n = 0; n < 10; n += 1) journal.append({ ...large, request: hold(n).request });
    clock.endTurn();
    expect(records(dir)).toHaveLength(10);
  });

  it("goes on in a new segment above the bound, and refuses when too many wait", async () => {
    const { journal, clock, dir } = open({ segmentBytesMax: 1, oldest: -61 });
    const write = (n: number): Promise<void> => {
      journal.append(hold(n));
      const durable = journal.durable();
      clock.endTurn();
      return durable;
    };
    await write(1);
    await write(2);
    expect(listSegments(dir)).toEqual([1, 2]);
    await expect(write(3)).rejects.toMatchObject({ fault: "ledger_unavailable" });
    journal.release(2);
    await write(4);
    expect(records(dir)).toEqual([hold(1), hold(2), hold(4)]);
  });

  it("tells those who wait that the disk is full, leaves nothing torn, and goes on when there is room", async () => {
    const disk = new SmallDisk(Infinity);
    const { journal, clock, dir } = open({ disk });
    journal.append(hold(1));
    clock.endTurn();
    disk.bytesLeft = 20;
    journal.append(hold(2));
    const durable = journal.durable();
    clock.endTurn();
    await expect(durable).rejects.toMatchObject({ fault: "ledger_unavailable" });
    disk.bytesLeft = Infinity;
    journal.append(hold(3));
    const again = journal.durable();
    clock.endTurn();
    await again;
    expect(records(dir)).toEqual([hold(1), hold(3)]);
    expect(statSync(segmentPath(dir, 1)).size).toBe(journal.position.offset);
  });

  it("keeps the settlements of a failed write and drops its holds", async () => {
    const disk = new SmallDisk(Infinity);
    const { journal, clock, dir } = open({ disk });
    journal.append(hold(1));
    clock.endTurn();
    disk.bytesLeft = 0;
    journal.append(end(1));
    journal.append(mark(2));
    journal.append(hold(2));
    const refused = journal.durable();
    clock.endTurn();
    await expect(refused).rejects.toMatchObject({ fault: "ledger_unavailable" });
    disk.bytesLeft = Infinity;
    const kept = journal.durable();
    clock.endTurn();
    await kept;
    expect(records(dir)).toEqual([hold(1), end(1)]);
  });

  it("admits nothing while the torn tail cannot be cut, but takes settlements", () => {
    const disk = new SmallDisk(20);
    disk.truncates = false;
    const { journal, clock, dir } = open({ disk });
    journal.append(hold(1));
    clock.endTurn();
    expect(() => {
      journal.append(hold(2));
    }).toThrow(expect.objectContaining({ fault: "ledger_unavailable" }));
    journal.append(end(9));
    disk.truncates = true;
    disk.bytesLeft = Infinity;
    clock.endTurn();
    expect(records(dir)).toEqual([end(9)]);
  });

  it("promises nothing more once a sync failed", async () => {
    const disk = new SmallDisk(Infinity);
    disk.syncs = false;
    const { journal, clock } = open({ disk, fsync: true });
    journal.append(hold(1));
    const durable = journal.durable();
    clock.endTurn();
    await expect(durable).rejects.toMatchObject({ fault: "ledger_unavailable" });
    disk.syncs = true;
    expect(() => {
      journal.append(hold(2));
    }).toThrow(expect.objectContaining({ fault: "ledger_unavailable" }));
  });

  it("is read beside the writer without a half written record", () => {
    const { journal, clock, dir } = open();
    let seen = 0;
    for (let n = 0; n < 50; n += 1) {
      journal.append(hold(n));
      expect(records(dir)).toHaveLength(seen);
      clock.endTurn();
      seen += 1;
    }
  });

  it("goes on behind what an earlier process wrote", async () => {
    const { journal, dir } = open();
    journal.append(hold(1));
    await journal.close();
    const next = open({ dir });
    next.journal.append(hold(2));
    await next.journal.close();
    expect(records(dir)).toEqual([hold(1), hold(2)]);
    expect(readFileSync(segmentPath(dir, 1)).length).toBe(next.journal.position.offset);
  });
});
