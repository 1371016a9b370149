import { parseArgs, type ArgsDef } from "citty";
import { describe, expect, it } from "vitest";
import { surplus } from "../../../../src/entry/node/command.ts";

const DEFS = {
  id: { type: "positional", required: true },
  admin: { type: "string", alias: "a" },
  "operator-country": { type: "string" },
  force: { type: "boolean" },
} as const satisfies ArgsDef;

const of = (...raw: string[]): string | undefined => surplus(parseArgs(raw, DEFS), DEFS);

describe("surplus", () => {
  it("finds nothing in what a command names", () => {
    expect(of("one")).toBeUndefined();
    expect(of("one", "--admin", "x", "--operator-country=DE", "--force")).toBeUndefined();
    expect(of("one", "-a", "x", "--operatorCountry", "DE", "--no-force")).toBeUndefined();
  });

  it("names the argument too many", () => {
    expect(of("one", "two")).toBe("There is an argument too many: two.");
    expect(of("--force", "one", "two", "three")).toContain("two");
    expect(of("one", "--", "--two")).toContain("--two");
  });

  it("names the option that there is not", () => {
    expect(of("one", "--admn", "x")).toMatch(/too many: x|no option --admn/);
    expect(of("one", "--admn=x")).toBe("There is no option --admn here.");
    expect(of("one", "-x")).toBe("There is no option -x here.");
    expect(of("one", "--no-admn")).toBe("There is no option --admn here.");
  });
});
