import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { findingText, Report } from "../../../src/config/finding.ts";
import type { Finding } from "../../../src/config/finding.ts";

const at = (file: string, line: number, column = 1): Finding => ({ file, line, column, path: "a.b", message: "is wrong", hint: undefined });

describe("Report", () => {
  it("orders by place, the first file first", () => {
    const report = new Report();
    expect(report.empty).toBe(true);
    for (const finding of [at("main", 9), at("policy", 1), at("main", 2, 7), at("main", 2, 3)]) report.add(finding);
    expect(report.sorted().map(({ file, line, column }) => [file, line, column])).toEqual([
      ["main", 2, 3],
      ["main", 2, 7],
      ["main", 9, 1],
      ["policy", 1, 1],
    ]);
  });

  it("counts what it does not keep", () => {
    const report = new Report();
    for (let line = 1; line <= BOUNDS.configFindingsMax + 2; line += 1) report.add(at("main", line));
    expect(report.sorted()).toHaveLength(BOUNDS.configFindingsMax + 1);
    expect(report.sorted().at(-1)?.message).toBe("2 more findings are not shown");
  });
});

describe("findingText", () => {
  it("is a line that editors jump to", () => {
    expect(findingText(at("b.yaml", 3, 5))).toBe("b.yaml:3:5: a.b: is wrong");
    expect(findingText({ ...at("b.yaml", 3, 5), path: "", hint: "mend it" })).toBe("b.yaml:3:5: is wrong (mend it)");
  });
});
