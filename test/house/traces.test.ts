import { describe, expect, it } from "vitest";
import { traces } from "./rules/traces.ts";

const planted = (text: string, path = "docs/planted.md") => traces({ path, text });

describe("the rule itself", () => {
  it.each([
    "// TO" + "DO: later",
    "FIX" + "ME",
    "see /home/someone/notes",
    `cd /${"work"}/main`,
    "`/Users/me/x`",
    "https://registry.example.com/hono",
  ])("finds %s", (text) => {
    expect(planted(`first line\n${text}`)).toHaveLength(1);
    expect(planted(`first line\n${text}`)[0]).toContain("docs/planted.md:2 ");
  });

  it("passes ordinary paths and addresses", () => {
    expect(planted("/v1/models https://example.com/home/page ./work/a src/work/b /var/lib/bailiwick")).toEqual([]);
  });

  it("wants a lock file without hosts", () => {
    expect(planted('      "resolved": "https://somewhere.example/hono.tgz",', "package-lock.json")).toHaveLength(1);
    expect(planted('      "version": "1.0.0",', "package-lock.json")).toEqual([]);
  });
});
