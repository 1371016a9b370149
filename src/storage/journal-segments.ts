/** The files that the journal consists of: numbered segments in one folder, and positions in them. */
import { closeSync, fsyncSync, openSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** A byte position in the journal as a whole. */
export interface Position {
  readonly segment: number;
  readonly offset: number;
}

const NAME = /^(\d{12})\.journal$/;

/** Segment numbers that exist, ascending. */
export function listSegments(dir: string): number[] {
  return readdirSync(dir)
    .map((name) => NAME.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number)
    .sort((a, b) => a - b);
}

export function segmentPath(dir: string, segment: number): string {
  return join(dir, `${String(segment).padStart(12, "0")}.journal`);
}

/** Size of a segment in bytes; 0 when there is none. */
export function segmentBytes(dir: string, segment: number): number {
  return statSync(segmentPath(dir, segment), { throwIfNoEntry: false })?.size ?? 0;
}

export function isBefore(a: Position, b: Position): boolean {
  return a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);
}

/** Makes a new file's name survive a power cut, where the platform lets a folder be synced at all. */
export function syncFolder(dir: string): void {
  if (process.platform === "win32") return;
  const fd = openSync(dir, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
