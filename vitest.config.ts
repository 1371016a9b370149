/** One vitest project per folder of test/, so that each can be run and counted by itself. */
import { readFileSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { defineConfig } from "vitest/config";

/** Quick suites share the loaded modules of a worker: a fifth of the time, since nothing in src has state of its own … */
const SHARING = ["house", "unit", "property"];

/** … but for the right to mint clearances, which a process gives out once: folders whose tests take it are run each file for itself. */
const alone = readdirSync("test/unit", { recursive: true, encoding: "utf8" })
  .map((path) => join("test/unit", path))
  .filter((path) => path.endsWith(".ts") && readFileSync(path, "utf8").includes("claimMint"))
  .map((path) => `${dirname(path)}/**/*.test.ts`);

/** Tests stand still on no clock of the world, but a machine may be busy with others'. */
const COMMON = { environment: "node" as const, testTimeout: 20_000, hookTimeout: 20_000 };

const suites = readdirSync("test", { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "fixtures")
  .map(({ name }) => ({
    test: { name, include: [`test/${name}/**/*.test.ts`], exclude: alone, isolate: !SHARING.includes(name), ...COMMON },
  }));

export default defineConfig({
  test: {
    passWithNoTests: true,
    allowOnly: false,
    maxWorkers: 2,
    pool: "forks",
    projects: [...suites, { test: { name: "unit-alone", include: alone, isolate: true, ...COMMON } }],
    coverage: { provider: "v8", include: ["src/**"], reportsDirectory: "coverage" },
  },
});
