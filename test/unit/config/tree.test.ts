import { describe, expect, it } from "vitest";
import { Report } from "../../../src/config/finding.ts";
import { Tree } from "../../../src/config/tree.ts";

function read(text: string) {
  const report = new Report();
  const tree = new Tree(text, "f.yaml", report);
  return { tree, told: report.sorted().map(({ line, column, path, message }) => `${line}:${column} ${path} ${message}`) };
}

describe("Tree", () => {
  it("keeps countries and versions as text", () => {
    expect(read('a: [NO, on, y]\nb: 2026-11-22\nc: "0.10"\n').tree.value).toEqual({ a: ["NO", "on", "y"], b: "2026-11-22", c: "0.10" });
  });

  it("finds scalars by their value, mappings by their key, the absent by what is above", () => {
    const { tree } = read("a:\n  b: [x, yy]\n  c:\n    d: 1\n");
    expect(tree.at(["a", "b", 1])).toEqual({ line: 2, column: 10 });
    expect(tree.at(["a", "c"])).toEqual({ line: 3, column: 3 });
    expect(tree.at(["a", "c", "d"])).toEqual({ line: 4, column: 8 });
    expect(tree.at(["a", "c", "nothing", "here"])).toEqual({ line: 3, column: 3 });
    expect(tree.keyAt(["a", "c", "d"])).toEqual({ line: 4, column: 5 });
    expect(tree.where(["a", "c", "d"])).toBe("f.yaml:4");
  });

  it("refuses doubles with the first place", () => {
    const { tree, told } = read("a: 1\nb: 2\na: 3\na: 4\n");
    expect(told).toEqual(['3:1 a "a" is declared twice', '4:1 a "a" is declared twice']);
    expect(tree.value).toEqual({ a: 1, b: 2 });
  });

  it("refuses anchors, aliases, merge keys and tags", () => {
    const { told } = read("a: &x { b: 1 }\nc: *x\nd:\n  <<: { e: 1 }\nf: !!str 1\ng: !secret x\n");
    expect(told.map((line) => line.replace(/^\S+ /, ""))).toEqual([
      "a YAML anchors are refused",
      "c YAML aliases are refused",
      'd["<<"] YAML merge keys are refused',
      "f YAML tags are refused",
      " not valid YAML: Unresolved tag: !secret",
      "g YAML tags are refused",
    ]);
  });

  it("refuses names that could reach a prototype", () => {
    const { tree, told } = read("__proto__: { admin: true }\nconstructor: 1\n");
    expect(told).toHaveLength(1);
    expect(tree.value).toEqual({ constructor: 1 });
    expect(Object.getPrototypeOf(tree.value)).toBe(Object.prototype);
  });

  it("refuses keys that are no text, infinity, and a second document", () => {
    expect(read("? [a]\n: 1\n").told[0]).toContain("a key must be plain text");
    expect(read("a: .inf\n").told[0]).toContain("not a finite number");
    expect(read("a: 1\n---\nb: 2\n").told[0]).toContain("not valid YAML");
  });

  it("survives nesting without end", () => {
    for (const text of ["[".repeat(5_000), "{a: ".repeat(5_000), "- ".repeat(5_000)])
      expect(read(text).told.join()).toContain("nests too deeply");
  });
});
