import { appendFileSync, copyFileSync, existsSync, readFileSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { cutTail } from "../../../src/storage/cut.ts";
import { readJournal } from "../../../src/storage/journal-batch.ts";
import { FileJournal } from "../../../src/storage/journal-file.ts";
import { segmentPath } from "../../../src/storage/journal-segments.ts";
import { end, hold, temporaryFolder, VirtualClock } from "./fixtures/world.ts";

/** Three batches; returns where each ends. */
function journalOfThree(dir: string): number[] {
  const clock = new VirtualClock();
  const journal = new FileJournal({ dir, clock, fsync: false, segment: 1 });
  return [hold(1), end(1), hold(2)].map((record) => {
    journal.append(record);
    clock.endTurn();
    return journal.position.offset;
  });
}

describe("cutting the journal's tail", () => {
  it("leaves exactly the whole batches, whatever byte the last write stopped at", () => {
    const dir = temporaryFolder();
    const path = segmentPath(dir, 1);
    const ends = journalOfThree(dir);
    copyFileSync(path, `${path}.whole`);
    for (let size = 0; size <= (ends[2] ?? 0); size += 1) {
      copyFileSync(`${path}.whole`, path);
      truncateSync(path, size);
      const good = ends.filter((each) => each <= size).at(-1) ?? 0;
      expect(cutTail(dir, 1), `size ${size}`).toEqual({ segment: 1, good, removed: size - good, keptAt: undefined });
      expect(statSync(path).size).toBe(good);
    }
  });

  it("removes zeros and noise behind the last batch", () => {
    const dir = temporaryFolder();
    const [, , good] = journalOfThree(dir);
    appendFileSync(segmentPath(dir, 1), Buffer.concat([Buffer.alloc(100), Buffer.from("BLW1 noise")]));
    expect(cutTail(dir, 1)).toMatchObject({ good, removed: 110, keptAt: undefined });
  });

  it("keeps aside whole batches that lie behind damage", () => {
    const dir = temporaryFolder();
    const [first = 0] = journalOfThree(dir);
    const bytes = readFileSync(segmentPath(dir, 1));
    bytes[first + 20] = 0;
    writeFileSync(segmentPath(dir, 1), bytes);
    const { keptAt, good } = cutTail(dir, 1);
    expect(good).toBe(first);
    expect(keptAt !== undefined && existsSync(keptAt) && readFileSync(keptAt)).toEqual(bytes.subarray(first));
    expect([...readJournal(segmentPath(dir, 1))]).toHaveLength(1);
  });
});
