import { describe, expect, it } from "vitest";
import { misshapen } from "./rules/shape.ts";

const planted = (text: string, path = "src/gate/planted.ts") => misshapen({ path, text: `/** Why. */\n${text}` });

describe("the rule itself", () => {
  it.each([
    ["const a = b as string;", "a cast"],
    ["const a = <string>b;", "a cast"],
    ["const a = b as unknown as string;", "a cast"],
    ["export default 1;", "a default export"],
    ["export default function f() {}", "a default export"],
    ["export { a as default };", "a default export"],
    ["let a: any;", "any"],
    ['import { claimMint } from "../domain/clearance.ts";', "only policies/ mints"],
  ])("finds %s", (text, wrong) => {
    expect(planted(text)[0]).toContain(wrong);
  });

  it("passes the permitted forms, each in its place", () => {
    expect(planted('const a = [1] as const; const b = { any: 1 }; export { c as d }; import * as e from "x";')).toEqual([]);
    expect(planted("const a = b as string;", "src/domain/ids.ts")).toEqual([]);
    expect(planted("export default 1;", "src/entry/worker.ts")).toEqual([]);
    expect(planted("claimMint();", "src/policies/decide.ts")).toEqual([]);
  });

  it("wants a first sentence and a name that says something", () => {
    expect(misshapen({ path: "src/gate/planted.ts", text: "const a = 1;" })[0]).toContain("why it exists");
    expect(planted("", "src/gate/string-utils.ts")[0]).toContain("says nothing");
    expect(planted("", "src/helpers/text.ts")[0]).toContain("says nothing");
  });
});
