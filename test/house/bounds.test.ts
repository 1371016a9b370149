import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { BOUNDS } from "../../src/bounds.ts";

it("every bound bounds something", () => {
  const files = readdirSync("src", { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".ts") && path !== "bounds.ts");
  const text = files.map((path) => readFileSync(join("src", path), "utf8")).join("\n");
  expect(Object.keys(BOUNDS).filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
});
