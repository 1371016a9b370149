/** After a crash: cuts what was written half at the end of the journal, and keeps aside what should not have been damaged. */
import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeFileSync } from "node:fs";
import { BOUNDS } from "../bounds.ts";
import { batchEnd, readBatches } from "./journal-batch.ts";
import { segmentPath } from "./journal-segments.ts";

/** What was found behind the last whole batch of one segment. */
export interface Cut {
  readonly segment: number;
  /** Bytes of the segment that stay. */
  readonly good: number;
  /** Bytes removed; 0: the segment ended with a whole batch. */
  readonly removed: number;
  /** Where the removed bytes were kept, because whole batches lay among them: a sign of a damaged disk, not of a torn write. */
  readonly keptAt: string | undefined;
}

/** Leaves only whole batches in the segment. */
export function cutTail(dir: string, segment: number): Cut {
  const path = segmentPath(dir, segment);
  const fd = openSync(path, "r+");
  try {
    const size = fstatSync(fd).size;
    let good = 0;
    for (const batch of readBatches(fd, 0, size)) good = batch.end;
    if (good === size) return { segment, good, removed: 0, keptAt: undefined };
    const tail = readTail(fd, good, size);
    const keptAt = hasWholeBatch(tail) ? `${path}.damaged-at-${good}` : undefined;
    if (keptAt !== undefined) writeFileSync(keptAt, tail, { mode: 0o600 });
    ftruncateSync(fd, good);
    return { segment, good, removed: size - good, keptAt };
  } finally {
    closeSync(fd);
  }
}

/** A segment is at most one batch longer than its bound. */
function readTail(fd: number, from: number, until: number): Buffer {
  const tail = Buffer.alloc(Math.min(until - from, BOUNDS.journalSegmentBytesMax + BOUNDS.journalBatchBytesMax));
  for (let filled = 0; filled < tail.length;) {
    const count = readSync(fd, tail, filled, tail.length - filled, from + filled);
    if (count === 0) break;
    filled += count;
  }
  return tail;
}

function hasWholeBatch(tail: Buffer): boolean {
  const mark = Buffer.from("BLW1");
  for (let at = tail.indexOf(mark); at !== -1; at = tail.indexOf(mark, at + 1)) {
    if (batchEnd(tail, at, tail.length) !== undefined) return true;
  }
  return false;
}
