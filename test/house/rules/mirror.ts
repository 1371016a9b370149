/** Whoever looks for the tests of a file finds them under the same path. */
import { posix } from "node:path";
import ts from "typescript";
import { parse, visit } from "./source.ts";
import type { Breach, Source } from "./source.ts";

/**
 * Files without a test of their own that have a reason; a folder ends with a slash. An entry that no longer excuses anything is a breach
 * itself, so that the list stays short.
 */
export const EXCUSED: Readonly<Record<string, string>> = {
  "src/entry/": "wiring of a runtime: tests over real sockets run it whole",
};

/** A test counts that has the file's own path, or lies in the file's own folder and imports the file itself. */
export function unmirrored(files: readonly Source[], tests: readonly Source[], excused = EXCUSED): readonly Breach[] {
  const held = new Set(tests.flatMap(heldBy));
  const lacking = files.filter((file) => !held.has(file.path) && hasLogic(file));
  const excuses = Object.keys(excused);
  const covers = (excuse: string, path: string): boolean => (excuse.endsWith("/") ? path.startsWith(excuse) : path === excuse);
  const unexcused = lacking.filter(({ path }) => !excuses.some((excuse) => covers(excuse, path)));
  const idle = excuses.filter((excuse) => !lacking.some(({ path }) => covers(excuse, path)));
  return [
    ...unexcused.map(({ path }) => `${path} has no test: write ${path.replace("src/", "test/unit/").replace(".ts", ".test.ts")}`),
    ...idle.map((excuse) => `${excuse} is excused from having a test, but needs no excuse: strike it from the list`),
  ];
}

/** The files of src that a test holds. */
function heldBy(test: Source): readonly string[] {
  const own = test.path.replace(/^test\/[^/]+\//, "src/").replace(/\.test\.ts$/, ".ts");
  const imported = Array.from(test.text.matchAll(/^(?:import (?!type )[^;]*?|\} )from "([^"]+)"/gm), ([, specifier = ""]) =>
    posix.join(posix.dirname(test.path), specifier),
  );
  return [own, ...imported.filter((path) => posix.dirname(path) === posix.dirname(own))];
}

/** Types, constants and re-exports need no test; anything that can run does. */
function hasLogic(source: Source): boolean {
  let found = false;
  visit(parse(source), (node) => {
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) found = true;
  });
  return found;
}
