import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { runInit } from "../../../../src/entry/node/run-init.ts";

let folder = "";
let out = "";
let said = "";

beforeEach(() => {
  said = "";
  folder = mkdtempSync(join(tmpdir(), "bailiwick-init-"));
  out = join(folder, "bailiwick.yaml");
  writeFileSync(out, "mine");
  vi.spyOn(process.stderr, "write").mockImplementation((text) => ((said += String(text)), true));
  vi.stubGlobal("fetch", () => Promise.reject(new Error("nobody there")));
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  process.exitCode = 0;
  rmSync(folder, { recursive: true, force: true });
});

describe("runInit", () => {
  it("leaves a file that is there, and says so in a sentence before it asks anybody", async () => {
    await runInit({ backends: ["http://127.0.0.1:9"], out, force: false });
    expect([process.exitCode, readFileSync(out, "utf8")]).toEqual([1, "mine"]);
    expect(said).toBe(`${out} exists already: give --force to overwrite it, or another file with --out.\n`);
  });

  it("goes on where it is told to", async () => {
    await runInit({ backends: ["http://127.0.0.1:9"], out, force: true });
    expect(process.exitCode).toBe(1);
    expect(said).toContain("no engine answers here");
  });
});
