import { expect, it } from "vitest";
import { FILE_LINES_MAX, FUNCTION_LINES_MAX, oversized } from "./rules/size.ts";

const planted = (text: string) => oversized({ path: "src/planted.ts", text });

it("finds a file that is one line too long", () => {
  expect(planted("a;\n".repeat(FILE_LINES_MAX))).toEqual([]);
  expect(planted("a;\n".repeat(FILE_LINES_MAX + 1))[0]).toContain("251 lines");
});

it.each(["function f() {", "const f = () => {", "class C { m() {", "const o = { get x() {"])("finds what is too long after %s", (head) => {
  const tail = head.includes("class") || head.includes("o =") ? "}}" : "}";
  expect(planted(`${head}\n${"a;\n".repeat(FUNCTION_LINES_MAX - 2)}${tail}`)).toEqual([]);
  expect(planted(`${head}\n${"a;\n".repeat(FUNCTION_LINES_MAX - 1)}${tail}`)).toEqual([
    `src/planted.ts:1 a function of 41 lines: the parent branches, children think`,
  ]);
});

it("finds a fifth parameter, except where a caller dictates it", () => {
  expect(planted("function f(a, b, c, d, e) {}")).toHaveLength(1);
  expect(planted("call((a, b, c, d, e) => 1); function f(a, b, c, d) {}")).toEqual([]);
});
