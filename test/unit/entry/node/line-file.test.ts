import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LineFile } from "../../../../src/entry/node/line-file.ts";

let folder: string;
let path: string;
let fd: number;
let tick: () => void = () => undefined;
const clock = { every: (_: number, then: () => void) => ((tick = then), () => (tick = () => undefined)) };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "line-file-"));
  path = join(folder, "log");
  fd = openSync(path, "w");
});

afterEach(() => {
  closeSync(fd);
  rmSync(folder, { recursive: true });
});

const written = (): string => readFileSync(path, "utf8");

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe("LineFile", () => {
  it("writes nothing by itself and everything at the tick", async () => {
    const lines = new LineFile(fd, clock);
    lines.write("a\n");
    lines.write("ü\n");
    expect(written()).toBe("");
    tick();
    await until(() => written() !== "");
    expect(written()).toBe("a\nü\n");
    lines.close();
  });

  it("loses nothing when it writes in small pieces, whether a line fits or not", async () => {
    const lines = new LineFile(fd, clock, 10);
    const all = ["one\n", "two\n", "three\n", `${"x".repeat(25)}\n`, "four\n"];
    for (const line of all) lines.write(line);
    tick();
    await until(() => written().endsWith("four\n"));
    for (const line of all) lines.write(line);
    lines.close();
    expect(written()).toBe([...all, ...all].join(""));
  });

  it("writes what is left when it closes", () => {
    const lines = new LineFile(fd, clock);
    lines.write("last\n");
    lines.close();
    expect(written()).toBe("last\n");
  });

  it("drops and counts lines when nobody takes them, and keeps the rest in order", async () => {
    const lines = new LineFile(fd, clock);
    const line = `${"x".repeat(1023)}\n`;
    for (let i = 0; i < 2_000; i++) lines.write(line);
    await until(() => {
      tick();
      return written().includes("dropped");
    });
    const all = written().trimEnd().split("\n");
    const note = all.find((each) => each.includes("dropped")) ?? "{}";
    const kept = all.filter((each) => each.startsWith("x"));
    expect(kept.every((each) => each.length === 1023)).toBe(true);
    lines.close();
    const total = written()
      .split("\n")
      .filter((each) => each.startsWith("x")).length;
    expect(total).toBeLessThan(2_000);
    expect(JSON.parse(note)).toMatchObject({ level: "warn", lines: 2_000 - total });
  });
});
