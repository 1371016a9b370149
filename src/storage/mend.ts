/** Makes the journal that a dead process left fit to be read to its end and written on. */
import { cutTail } from "./cut.ts";
import { listSegments } from "./journal-segments.ts";
import type { Position } from "./journal-segments.ts";
import type { StorageLog } from "./storage-log.ts";

/** Cuts torn tails; returns the segment to write on in, and the lowest one there is. */
export function mendJournal(folder: string, cursor: Position, log: StorageLog): { readonly segment: number; readonly oldest: number } {
  const segments = listSegments(folder).filter((segment) => segment >= cursor.segment);
  for (const segment of segments) {
    const cut = cutTail(folder, segment);
    if (cut.keptAt !== undefined)
      log("error", "the journal was damaged in its middle; what lay behind was kept aside", {
        segment,
        at: cut.good,
        bytes: cut.removed,
        file: cut.keptAt,
      });
    else if (cut.removed > 0)
      log("warn", "a write that a crash cut short was removed from the journal", { segment, at: cut.good, bytes: cut.removed });
    if (segment === cursor.segment && cut.good < cursor.offset) {
      log("error", "the journal is shorter than what was folded from it: a power cut without fsync took its end", {
        segment,
        at: cut.good,
        folded: cursor.offset,
      });
      // Anything appended there now would lie before the cursor and never be folded.
      if (segment === segments.at(-1)) return { segment: segment + 1, oldest: segment };
    }
  }
  const last = segments.at(-1);
  if (last !== undefined) return { segment: last, oldest: segments[0] ?? last };
  // No file, but a cursor inside one: the file is lost, and its number must not be used again.
  const next = cursor.offset === 0 ? cursor.segment : cursor.segment + 1;
  return { segment: next, oldest: next };
}
