/** The repository as the house rules see it: files as text, TypeScript as syntax. */
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";

/** What no commit holds. */
const NOT_OURS = new Set(["node_modules", "dist", "coverage", ".git", ".cache", ".bailiwick", ".wrangler"]);

/** One breach of a rule, as a line that a person can act on: "src/a.ts:3 Date.now: use clock.nowMs()". */
export type Breach = string;

export interface Source {
  /** From the repository's root, with forward slashes. */
  readonly path: string;
  readonly text: string;
}

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** Every file of the repository below a folder ("" for all), in the order of paths. */
export function sources(folder: string, ending = ""): readonly Source[] {
  return pathsBelow(folder)
    .filter((path) => path.endsWith(ending))
    .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));
}

function pathsBelow(folder: string): readonly string[] {
  const entries = readdirSync(join(ROOT, folder), { withFileTypes: true }).filter((entry) => !NOT_OURS.has(entry.name));
  return entries
    .flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return pathsBelow(path);
      return entry.isFile() ? [path] : [];
    })
    .sort((a, b) => (a < b ? -1 : 1));
}

/** Several rules read the same file: each is parsed once. */
const parsed = new WeakMap<Source, ts.SourceFile>();

export function parse(source: Source): ts.SourceFile {
  const known = parsed.get(source) ?? ts.createSourceFile(source.path, source.text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  parsed.set(source, known);
  return known;
}

/** Visits every node once, outermost first. */
export function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => {
    visit(child, see);
  });
}

/** "path:line" of a node. */
export function at(file: ts.SourceFile, node: ts.Node): string {
  return `${file.fileName}:${file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1}`;
}
