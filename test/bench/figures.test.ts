import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Outcome } from "../../bench/bench.ts";
import { FIGURE_KEYS, holds, LIMITS } from "../../bench/limits.ts";
import { markdownOf, numberText } from "../../bench/markdown.ts";
import { pictureOf } from "../../bench/picture.ts";
import { readResults, type Results, withFigures, withOutcome, writeResults } from "../../bench/results.ts";

const AT = new Date(1_780_000_000_000);
const NOTHING: Results = { figures: {}, scenarios: {} };
const outcome: Outcome = {
  title: "Small JSON",
  figures: [{ key: "json.cpu_ratio_nginx", value: 3.14159, how: "by hand" }],
  columns: ["CPU | µs", "rps"],
  rows: [
    { name: "direct", cells: [null, { median: 90_000, low: 80_000, high: 91_000 }] },
    { name: "bailiwick", cells: [{ median: 81.23456, low: 81.23456, high: 81.23456 }, null] },
  ],
  remarks: ["Quiet."],
};

describe("limits", () => {
  it("hold up to the limit, or only below it", () => {
    expect(holds("json.cpu_ratio_nginx", 7)).toBe(true);
    expect(holds("json.cpu_ratio_nginx", 7.01)).toBe(false);
    expect(holds("ttft.added_p50_ms", 1)).toBe(false);
    expect(holds("simulation.violations_1000_seeds", 0)).toBe(true);
    expect(holds("simulation.violations_1000_seeds", 1)).toBe(false);
  });

  it("are the ones that were promised", () => {
    expect(FIGURE_KEYS.map((key) => [key, LIMITS[key].limit])).toEqual([
      ["json.cpu_ratio_nginx", 7],
      ["sse64.cpu_ratio_nginx", 3.5],
      ["paced.cpu_ratio_nginx", 3.5],
      ["body200k.cpu_ratio_nginx", 10],
      ["ttft.added_p50_ms", 1],
      ["ttft.added_p99_ms", 5],
      ["coldstart.ms", 1000],
      ["decide.cold_us", 100],
      ["decide.reasons_us", 400],
      ["decide.cached_us", 2],
      ["streams5k.lost", 0],
      ["streams5k.kb_each", 60],
      ["streams5k.rss_return", 20],
      ["processes2.cpu_ratio", 1.1],
      ["soak.growth", 5],
      ["cancel.p99_ms", 250],
      ["failover.s", 1],
      ["failover.recovered_s", 5],
      ["worker.bundle_kib", 1024],
      ["worker.cpu_ratio", 2],
      ["simulation.violations_1000_seeds", 0],
      ["conformance.passed", 500],
      ["conformance.failed", 0],
      ["engines.vllm_passed", 250],
      ["engines.triton_passed", 250],
      ["hostile.cases_passed", 800],
    ]);
  });
});

describe("results", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "bench-results-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("enters a figure whole and leaves the others as they are", () => {
    const strange = { value: 1, unit: "x", limit: 2, holds: true, measured_at: "2026-01-01T00:00:00.000Z", how: "elsewhere" };
    const before: Results = {
      figures: { "other.key": strange, "json.cpu_ratio_nginx": { ...strange, value: 9, holds: false } },
      scenarios: {},
    };
    const { figures } = withFigures(before, outcome.figures, AT);
    expect(figures["other.key"]).toEqual(strange);
    expect(figures["json.cpu_ratio_nginx"]).toEqual({
      value: 3.142,
      unit: "x",
      limit: 7,
      holds: true,
      measured_at: AT.toISOString(),
      how: "by hand",
    });
  });

  it("shows known figures in the order of the limits, whichever was measured first", () => {
    const late = withFigures(NOTHING, [{ key: "decide.cached_us", value: 0.1, how: "" }], AT);
    expect(Object.keys(withFigures(late, outcome.figures, AT).figures)).toEqual(["json.cpu_ratio_nginx", "decide.cached_us"]);
  });

  it("is read back as it was written, with what it does not know", async () => {
    const all = { ...withOutcome(NOTHING, { name: "json", outcome, at: AT }), note: "kept" };
    await writeResults(folder, all);
    expect(readResults(folder)).toEqual(all);
    expect(readFileSync(join(folder, "latest.md"), "utf8")).toBe(markdownOf(all));
    expect(readFileSync(join(folder, "latest.svg"), "utf8")).toBe(pictureOf(all.figures));
  });

  it("does not overwrite a file that it does not understand", () => {
    writeFileSync(join(folder, "latest.json"), '{"figures":{"a":1}}');
    expect(() => readResults(folder)).toThrow();
  });

  it("starts with nothing", () => {
    expect(readResults(folder)).toEqual(NOTHING);
  });
});

describe("markdown", () => {
  const page = markdownOf(withOutcome(NOTHING, { name: "json", outcome, at: AT }));

  it("says value, limit and whether it holds", () => {
    expect(page).toContain("| `json.cpu_ratio_nginx` | 3.14 x | ≤ 7 x | yes | 2026-05-28 20:26 | by hand |");
    const over = withFigures(NOTHING, [{ key: "coldstart.ms", value: 1_574.2, how: "" }], AT);
    expect(markdownOf(over)).toContain("| `coldstart.ms` | 1,574 ms | < 1,000 ms | **no** |");
  });

  it("shows a table for each scenario, with its spread", () => {
    expect(page).toContain(
      "## Small JSON\n\n| | CPU \\| µs | rps |\n|---|---:|---:|\n| direct | – | 90,000 (80,000–91,000) |\n| bailiwick | 81.2 | – |",
    );
    expect(page).toContain("Quiet.");
  });

  it("keeps the digits that mean something", () => {
    expect([0.0567, 3.14159, 42.42, 1_234.5, 7].map(numberText)).toEqual(["0.06", "3.14", "42.4", "1,235", "7"]);
  });
});

describe("picture", () => {
  const figures = (key: "json.cpu_ratio_nginx" | "simulation.violations_1000_seeds", value: number) =>
    withFigures(NOTHING, [{ key, value, how: "" }], AT).figures;
  const bar = (svg: string) => /<rect class="(held|over)" x="\d+" y="\d+" width="([\d.]+)"/.exec(svg)?.slice(1);

  it("draws each bar as its share of the limit, and cuts what runs far over", () => {
    expect(bar(pictureOf(figures("json.cpu_ratio_nginx", 3.5)))).toEqual(["held", "120.0"]);
    expect(bar(pictureOf(figures("json.cpu_ratio_nginx", 7)))).toEqual(["held", "240.0"]);
    expect(bar(pictureOf(figures("json.cpu_ratio_nginx", 700)))).toEqual(["over", "300.0"]);
  });

  it("has a bar where the limit is nothing", () => {
    expect(bar(pictureOf(figures("simulation.violations_1000_seeds", 0)))).toEqual(["held", "2.0"]);
    expect(bar(pictureOf(figures("simulation.violations_1000_seeds", 1)))).toEqual(["over", "300.0"]);
  });

  it("is well-formed, self-contained, and reads on dark pages", () => {
    const svg = pictureOf(
      withFigures(
        NOTHING,
        FIGURE_KEYS.map((key) => ({ key, value: 0.5, how: "<&>" })),
        AT,
      ).figures,
    );
    expect(svg.match(/<g>/g)).toHaveLength(FIGURE_KEYS.length);
    expect(svg).toContain("prefers-color-scheme: dark");
    expect(svg.replace("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|<script|&(?!amp;|lt;|gt;)/);
  });
});
