import { describe, expect, it } from "vitest";
import { isFields, Place, type Problem, shown } from "../../../src/policies/problems.ts";

describe("Place", () => {
  it("reports where it stands, and hands its list on", () => {
    const problems: Problem[] = [];
    const root = new Place(problems, (path) => `file:${path.join("/")}`);
    root.at("rules", 0).at("id").refuse("is missing", "add one");
    root.refuse("is odd");
    expect(problems).toEqual([
      { where: "file:rules/0/id", message: "is missing", hint: "add one" },
      { where: "file:", message: "is odd", hint: undefined },
    ]);
    expect(root.at("x").problems).toBe(2);
  });
});

describe("isFields", () => {
  it("knows a mapping from all else", () => {
    expect([{}, [], null, "x", undefined, 1].map(isFields)).toEqual([true, false, false, false, false, false]);
  });
});

describe("shown", () => {
  it("stays short and on one line", () => {
    expect([undefined, null, "a\nb", 1].map(shown)).toEqual(["nothing", "null", '"a\\nb"', "1"]);
    expect(shown("x".repeat(1_000)).length).toBe(60);
    expect(shown(() => 1)).toBe("function");
  });
});
