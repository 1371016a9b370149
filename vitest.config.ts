/** One vitest project per folder of test/, so that each can be run and counted by itself. */
import { existsSync, readdirSync } from "node:fs";
import { defineConfig } from "vitest/config";

const folders = existsSync("test") ? readdirSync("test", { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name !== "fixtures") : [];

export default defineConfig({
  test: {
    passWithNoTests: true,
    allowOnly: false,
    maxWorkers: 2,
    projects: folders.map(({ name }) => ({ test: { name, include: [`test/${name}/**/*.test.ts`], environment: "node", isolate: name !== "house" } })),
    coverage: { provider: "v8", include: ["src/**"], reportsDirectory: "coverage" },
  },
});
