import { describe, expect, it } from "vitest";
import { unmirrored } from "./rules/mirror.ts";

const logic = { path: "src/gate/local.ts", text: "export const f = () => 1;" };
const test = (path: string, text = "") => ({ path, text });

describe("unmirrored", () => {
  it("finds a file without a test", () => {
    expect(unmirrored([logic], [], {})[0]).toContain("write test/unit/gate/local.test.ts");
    expect(unmirrored([logic], [test("test/unit/gate/other.test.ts")], {})).toHaveLength(1);
  });

  it("is content with a test of the same path in any suite", () => {
    expect(unmirrored([logic], [test("test/unit/gate/local.test.ts")], {})).toEqual([]);
    expect(unmirrored([logic], [test("test/contract/gate/local.test.ts")], {})).toEqual([]);
  });

  it("is content with a test of the same folder that imports the file itself", () => {
    const importing = 'import { f } from "../../../src/gate/local.ts";';
    expect(unmirrored([logic], [test("test/unit/gate/ledger.test.ts", importing)], {})).toEqual([]);
    expect(unmirrored([logic], [test("test/unit/other/ledger.test.ts", importing)], {})).toHaveLength(1);
    expect(unmirrored([logic], [test("test/unit/gate/ledger.test.ts", importing.replace("import {", "import type {"))], {})).toHaveLength(
      1,
    );
  });

  it("asks nothing of types and constants", () => {
    expect(unmirrored([{ path: "src/a.ts", text: "export const A = 1; export interface B { f(): void }" }], [], {})).toEqual([]);
  });

  it("takes excuses, and finds those that are no longer needed", () => {
    expect(unmirrored([logic], [], { "src/gate/": "reason" })).toEqual([]);
    expect(unmirrored([logic], [test("test/unit/gate/local.test.ts")], { "src/gate/local.ts": "reason" })[0]).toContain("strike it");
  });
});
