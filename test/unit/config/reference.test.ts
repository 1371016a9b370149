import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { jsonSchema } from "../../../src/config/json-schema.ts";
import { referenceText } from "../../../src/config/reference.ts";

const kept = (name: string): string => readFileSync(new URL(`../../../docs/reference/${name}`, import.meta.url), "utf8");

describe("what is generated", () => {
  it("is what the schema gives now (else: npm run generate)", () => {
    expect(JSON.parse(kept("bailiwick.schema.json"))).toEqual(jsonSchema());
    expect(kept("configuration.md")).toBe(referenceText(jsonSchema()));
  });

  it("has a row for every kind of place", () => {
    const text = referenceText(jsonSchema());
    for (const row of [
      "| `admin.key.env` |",
      "| `<name>.models.<name>.served_name` |",
      "| `listen[].msp` |",
      "| `evidence` |",
      "| `[].level` |",
    ])
      expect(text).toContain(row);
    expect(text).toContain("| `fsync` | true, false | `false` |");
    expect(text).not.toContain("undefined");
  });
});
