import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import {
  OPERATORS,
  REQUEST_ATTRIBUTES,
  requestAttribute,
  TARGET_ATTRIBUTES,
  targetAttribute,
} from "../../../../src/policies/vocabulary/attributes.ts";

describe("attributes", () => {
  it("have a slot each, which is their position", () => {
    expect(TARGET_ATTRIBUTES.map(({ slot }) => slot)).toEqual(TARGET_ATTRIBUTES.map((_, index) => index));
    expect(new Set(TARGET_ATTRIBUTES.map(({ name }) => name)).size).toBe(TARGET_ATTRIBUTES.length);
  });

  it("have values where their kind needs them, and ids where it needs those", () => {
    for (const { kind, values, ids, name } of [...TARGET_ATTRIBUTES, ...REQUEST_ATTRIBUTES]) {
      expect(values.length > 0, name).toBe(kind !== "number" && kind !== "id");
      expect(ids !== undefined, name).toBe(kind === "id");
    }
  });

  it("are found by their bare name alone", () => {
    expect(targetAttribute("location.country")?.kind).toBe("country");
    expect(targetAttribute("backend.location.country")).toBeUndefined();
    expect(targetAttribute("constructor")).toBeUndefined();
    expect(requestAttribute("class")?.kind).toBe("ladder");
  });

  it("are all in the reference, with their operators", () => {
    const reference = readFileSync(new URL("../../../../docs/reference/policies.md", import.meta.url), "utf8");
    for (const { name, kind } of TARGET_ATTRIBUTES)
      expect(reference).toContain(`| \`${name}\` | ${kind} | ${OPERATORS[kind].map((each) => `\`${each}\``).join(", ")} |`);
    for (const { name } of REQUEST_ATTRIBUTES) expect(reference).toContain(`| \`request.${name}\` |`);
  });
});
