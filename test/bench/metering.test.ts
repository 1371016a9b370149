import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { Child } from "../../bench/child.ts";
import { untilIdle } from "../../bench/idle.ts";
import { Meter, treeCpuUs } from "../../bench/meter.ts";
import { cpuNsOf, machineTicksIn, openFilesMax, rssBytesOf, ticksIn, treeOf } from "../../bench/proc.ts";
import { median, noiseOf, spreadOf } from "../../bench/statistics.ts";

const folder = mkdtempSync(join(tmpdir(), "bench-metering-"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("text of /proc", () => {
  it("is read past a command's name with brackets and blanks", () => {
    expect(ticksIn("7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 123 45 0 0 20 0 1 0")).toBe(168);
  });

  it("counts stolen ticks apart from all", () => {
    expect(machineTicksIn("cpu  10 1 20 300 4 5 6 7 8 9\ncpu0 1 2 3\n")).toEqual({ stolen: 7, all: 353 });
  });
});

describe("statistics", () => {
  it("takes the middle, or the mean of the two middles", () => {
    expect([median([3, 1, 2]), median([4, 1, 2, 3])]).toEqual([2, 2.5]);
    expect(() => median([])).toThrow(RangeError);
  });

  it("ignores what was not measured", () => {
    expect(spreadOf([3, undefined, 1])).toEqual({ median: 2, low: 1, high: 3 });
    expect(spreadOf([undefined])).toBeUndefined();
  });

  it("gives noise as a share", () => {
    expect(noiseOf([90, 100, 110])).toBeCloseTo(0.2);
    expect([noiseOf([]), noiseOf([0, 0])]).toEqual([0, 0]);
  });
});

describe.runIf(process.platform === "linux")("a live process tree", { timeout: 30_000 }, () => {
  const own = process.pid;
  /** A shell whose child is what works: the tree must be followed. */
  const shell = (script: string) => new Child({ file: "/bin/sh", args: ["-c", script], cwd: folder });

  it("is charged what its descendants use", async () => {
    const child = shell(`${process.execPath} -e 'while (process.cpuUsage().user < 150000); setTimeout(() => {}, 10000)' & wait`);
    try {
      const meter = new Meter(child.pid);
      while (treeOf(child.pid).length < 2 || treeCpuUs(child.pid) < 150_000) await untilIdle([], 5);
      const { cpuUs, rssPeakBytes } = meter.stop();
      expect(cpuUs).toBeGreaterThan(140_000);
      expect(cpuUs).toBeLessThan(5_000_000);
      expect(rssPeakBytes).toBeGreaterThan(10 << 20);
    } finally {
      await child.stop();
    }
    expect(child.alive).toBe(false);
  });

  it("is idle when it does nothing", async () => {
    const child = shell("sleep 5");
    await untilIdle([child.pid], 20);
    expect(treeCpuUs(child.pid)).toBeLessThan(1_000_000);
    await child.stop();
  });

  it("keeps the last words of what does not start", async () => {
    const child = shell("echo no such port >&2; exit 3");
    while (child.alive) await untilIdle([], 2);
    expect(child.lastWords).toBe("no such port");
    child.forget();
    expect(child.lastWords).toBe("");
  });

  it("names a program that is not there", async () => {
    const child = new Child({ file: join(folder, "absent"), args: [], cwd: folder });
    expect(() => child.pid).toThrow("absent");
    await child.stop();
  });

  it("has memory, time and files", () => {
    expect(rssBytesOf(own)).toBeGreaterThan(1 << 20);
    expect(cpuNsOf(own)).toBeGreaterThan(1e6);
    expect(openFilesMax()).toBeGreaterThan(100);
    expect([cpuNsOf(2 ** 22 + 1), rssBytesOf(2 ** 22 + 1)]).toEqual([0, 0]);
  });
});
