/** The frame around one write: magic, length and CRC-32, so that a write cut short by a crash is recognised and nothing after it is believed. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { crc32 } from "node:zlib";
import { BOUNDS } from "../bounds.ts";
import type { JournalRecord } from "../ports.ts";
import { decodeRecords } from "./journal-record.ts";

/** "BLW1", little endian. */
const MAGIC = 0x31574c42;
/** u32 magic, u32 length of the text in bytes, u32 CRC-32 of the length and the text. */
export const HEADER_BYTES = 12;

/** One whole, checked batch and where it lies: [start, end) in bytes of its segment. */
export interface Batch {
  readonly start: number;
  readonly end: number;
  /** Records as encodeRecord wrote them, joined by ",\n". */
  readonly text: string;
}

/** Writes the frame of the text whose bytes already lie in `bytes` behind room for a header; returns the whole length in bytes. */
export function sealBatch(bytes: Buffer, textBytes: number): number {
  bytes.writeUInt32LE(MAGIC, 0);
  bytes.writeUInt32LE(textBytes, 4);
  bytes.writeUInt32LE(checksum(bytes, 0, textBytes), 8);
  return HEADER_BYTES + textBytes;
}

/** The length is covered too: a header whose length was damaged must not pass by accident. */
function checksum(bytes: Buffer, start: number, textBytes: number): number {
  return crc32(bytes.subarray(start + HEADER_BYTES, start + HEADER_BYTES + textBytes), textBytes);
}

/** End of the whole batch at `start`, or undefined when the bytes up to `end` hold none. */
export function batchEnd(bytes: Buffer, start: number, end: number): number | undefined {
  if (end - start < HEADER_BYTES || bytes.readUInt32LE(start) !== MAGIC) return undefined;
  const textBytes = bytes.readUInt32LE(start + 4);
  if (textBytes > BOUNDS.journalBatchBytesMax || start + HEADER_BYTES + textBytes > end) return undefined;
  return checksum(bytes, start, textBytes) === bytes.readUInt32LE(start + 8) ? start + HEADER_BYTES + textBytes : undefined;
}

/** Whole batches of an open segment within [from, until), in order; stops at the first that is not whole. Offsets in bytes. */
export function* readBatches(fd: number, from: number, until: number): Generator<Batch, void, void> {
  const bytes = Buffer.allocUnsafe(Math.min(until - from, BOUNDS.journalBatchBytesMax + HEADER_BYTES));
  let filled = 0;
  let at = from;
  for (;;) {
    filled += readFully(fd, bytes.subarray(filled, Math.min(bytes.length, until - at)), at + filled);
    let start = 0;
    for (let end = batchEnd(bytes, start, filled); end !== undefined; end = batchEnd(bytes, start, filled)) {
      yield { start: at + start, end: at + end, text: bytes.toString("utf8", start + HEADER_BYTES, end) };
      start = end;
    }
    if (start === 0) return;
    bytes.copyWithin(0, start, filled);
    filled -= start;
    at += start;
  }
}

function readFully(fd: number, target: Buffer, position: number): number {
  let filled = 0;
  while (filled < target.length) {
    const count = readSync(fd, target, filled, target.length - filled, position + filled);
    if (count === 0) break;
    filled += count;
  }
  return filled;
}

/**
 * The records of one segment file from a byte offset that a batch starts at; ends before the first batch that is not whole.
 * Safe beside a writer: what is half written is not seen.
 */
export function* readJournal(
  path: string,
  fromOffset = 0,
): Generator<{ readonly end: number; readonly records: readonly JournalRecord[] }, void, void> {
  const fd = openSync(path, "r");
  try {
    for (const batch of readBatches(fd, fromOffset, fstatSync(fd).size)) {
      yield { end: batch.end, records: decodeRecords(batch.text) };
    }
  } finally {
    closeSync(fd);
  }
}
