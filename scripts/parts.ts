/** What is checked and tested: each part a program to run, in one table that `npm run check` and `npm test` share. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

export interface Part {
  readonly name: string;
  /** File to run with this Node, then its arguments. */
  readonly command: readonly string[];
  /** Where the part writes its vitest report; undefined: it counts as one, passed or failed. */
  readonly report: string | undefined;
}

export const ROOT = join(import.meta.dirname, "..");
const CACHE = "node_modules/.cache";

/** Folders of test/, each a vitest project; the first ones are the quick ones that `npm run check` runs. */
const QUICK_PROJECTS = ["house", "unit", "property"];
const SLOW_PROJECTS = ["edge", "hostile", "faults", "processes", "conformance", "simulation", "runtime", "workers", "packages", "bench"];
/** Run by commands of their own, or by the suites of others. */
const ELSEWHERE = ["engines", "contract", "fixtures"];

export function checkParts(): readonly Part[] {
  return [
    tool("eslint", "eslint", [".", "--max-warnings", "0", ...cached("eslint")]),
    tool("tsc", "typescript", ["-p", ".", "--incremental", "--tsBuildInfoFile", `${CACHE}/tsc.json`], "tsc"),
    vitest("tests", QUICK_PROJECTS),
    tool("prettier", "prettier", ["--check", ".", "--log-level", "warn", ...cached("prettier")]),
    tool("depcruise", "dependency-cruiser", ["src", "--config", ".dependency-cruiser.cjs", "--output-type", "err"], "depcruise"),
    tool("knip", "knip", ["--no-progress"]),
  ];
}

/** @throws Error for a folder of tests that nobody runs */
export function slowParts(): readonly Part[] {
  const known = new Set([...QUICK_PROJECTS, ...SLOW_PROJECTS, ...ELSEWHERE]);
  const forgotten = readdirSync(join(ROOT, "test")).filter((folder) => !known.has(folder));
  if (forgotten.length > 0) throw new Error(`in no list of scripts/parts.ts: test/${forgotten.join(", test/")}`);
  return suiteParts(SLOW_PROJECTS);
}

/** Folders of test/ by name, each a part. */
export function suiteParts(projects: readonly string[]): readonly Part[] {
  return projects.filter(hasTests).map((project) => vitest(project, [project]));
}

function tool(name: string, packageName: string, args: readonly string[], bin = packageName): Part {
  return { name, command: [binaryOf(packageName, bin), ...args], report: undefined };
}

function vitest(name: string, projects: readonly string[]): Part {
  const report = `${CACHE}/vitest-${name}.json`;
  const chosen = projects.filter(hasTests).flatMap((project) => ["--project", `${project}*`]); // "unit" is also "unit-alone"
  const reporters = ["--reporter=json", `--outputFile.json=${report}`, "--reporter=dot"];
  return { name, command: [binaryOf("vitest", "vitest"), "run", ...chosen, ...reporters], report };
}

/** CI starts from nothing on purpose: a cache of type-aware findings can miss what a change elsewhere brings about. */
function cached(name: string): readonly string[] {
  return process.env["CI"] === "true" ? [] : ["--cache", "--cache-location", `${CACHE}/${name}.cache`];
}

function binaryOf(packageName: string, bin: string): string {
  const folder = join(ROOT, "node_modules", packageName);
  const manifest: unknown = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const bins: unknown = typeof manifest === "object" && manifest !== null && "bin" in manifest ? manifest.bin : undefined;
  if (typeof bins === "string") return join(folder, bins);
  const path: unknown = typeof bins === "object" && bins !== null ? Object.entries(bins).find(([name]) => name === bin)?.[1] : undefined;
  if (typeof path !== "string") throw new Error(`package ${packageName} has no program ${bin}`);
  return join(folder, path);
}

function hasTests(project: string): boolean {
  const folder = join(ROOT, "test", project);
  return existsSync(folder) && readdirSync(folder, { recursive: true, encoding: "utf8" }).some((file) => file.endsWith(".test.ts"));
}
