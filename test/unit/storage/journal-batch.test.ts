import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { HEADER_BYTES, readBatches, readJournal, sealBatch } from "../../../src/storage/journal-batch.ts";
import { encodeRecord } from "../../../src/storage/journal-record.ts";
import { end, hold, mark, temporaryFolder } from "./fixtures/world.ts";

function batch(text: string): Buffer {
  const bytes = Buffer.alloc(HEADER_BYTES + Buffer.byteLength(text));
  return bytes.subarray(0, sealBatch(bytes, bytes.write(text, HEADER_BYTES)));
}

function read(bytes: Buffer): { texts: string[]; end: number } {
  const path = join(temporaryFolder(), "segment");
  writeFileSync(path, bytes);
  const fd = openSync(path, "r");
  try {
    const batches = [...readBatches(fd, 0, bytes.length)];
    return { texts: batches.map(({ text }) => text), end: batches.at(-1)?.end ?? 0 };
  } finally {
    closeSync(fd);
  }
}

const first = batch("one");
const second = batch("zwei größer");
const both = Buffer.concat([first, second]);

describe("journal batches", () => {
  it("are read whole, whatever byte the file is cut at", () => {
    for (let cut = 0; cut <= both.length; cut += 1) {
      const whole = cut === both.length ? 2 : cut >= first.length ? 1 : 0;
      expect(read(both.subarray(0, cut)).texts, `cut at ${cut}`).toEqual(["one", "zwei größer"].slice(0, whole));
    }
  });

  it("are not read when any one byte is wrong, nor anything after it", () => {
    for (let at = 0; at < first.length; at += 1) {
      const damaged = Buffer.from(both);
      damaged[at] = (damaged[at] ?? 0) ^ 1;
      expect(read(damaged).texts, `byte ${at}`).toEqual([]);
    }
  });

  it("end before a run of zeros, as a power cut leaves it", () => {
    expect(read(Buffer.concat([both, Buffer.alloc(4_096)])).end).toBe(both.length);
  });

  it("cross the read buffer's edge", () => {
    const large = "x".repeat(1_500_000);
    const many = Buffer.concat(Array.from({ length: 5 }, () => batch(large)));
    expect(read(many)).toEqual({ texts: Array.from({ length: 5 }, () => large), end: many.length });
  });

  it("are decoded from any batch's offset", () => {
    const path = join(temporaryFolder(), "segment");
    const one = batch([hold(1), mark(1)].map(encodeRecord).join(",\n"));
    const two = batch(encodeRecord(end(1)));
    writeFileSync(path, Buffer.concat([one, two, readFileSync(import.meta.filename).subarray(0, 99)]));
    expect([...readJournal(path)]).toEqual([
      { end: one.length, records: [hold(1), mark(1)] },
      { end: one.length + two.length, records: [end(1)] },
    ]);
    expect([...readJournal(path, one.length)]).toHaveLength(1);
  });
});
