/** The documents say what holds: links lead somewhere, commands and flags exist, and what is generated is what the sources give now. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { boundsReference } from "../../scripts/bounds-reference.ts";
import { errorsReference } from "../../scripts/errors-reference.ts";
import { FAULTS } from "../../src/faults.ts";
import { brokenLinks, codeLines, missingPaths, unknownWords } from "./rules/docs.ts";
import { sources, type Source } from "./rules/source.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const exists = (path: string): boolean => existsSync(join(ROOT, path));
const document = (path: string): Source => ({ path, text: readFileSync(join(ROOT, path), "utf8") });
const documents = sources("", ".md").filter(({ path }) => !path.startsWith("bench/"));
const written = documents.filter(({ path }) => /^[A-Z]+\.md$|^docs\/(?!reference\/)/.test(path));

describe("every document", () => {
  it("links to what is there", () => {
    expect(documents.flatMap((each) => brokenLinks(each, documents, exists))).toEqual([]);
  });

  it("names files that are there", () => {
    // The page on benchmarks names what its runs will write.
    const settled = written.filter(({ path }) => path !== "docs/benchmarks.md");
    expect(settled.flatMap((each) => missingPaths(each, exists))).toEqual([]);
  });

  it("names headers and metrics that the sources know", () => {
    const known = sources("src", ".ts")
      .map(({ text }) => text)
      .join("\n");
    expect(written.flatMap((each) => unknownWords(each, known))).toEqual([]);
  });
});

const commandTree = z.record(
  z.string(),
  z.object({ flags: z.array(z.string()), under: z.record(z.string(), z.object({ flags: z.array(z.string()) })) }),
);

/** The command line as it is. In a process of its own: it loads all of the gateway. */
function commands(): z.infer<typeof commandTree> {
  const script = `
    import { bailiwick } from "./src/entry/node/commands.ts";
    const shown = ({ args = {}, subCommands = {} }) => ({ flags: Object.keys(args), under: Object.fromEntries(Object.entries(subCommands).map(([name, each]) => [name, shown(each)])) });
    process.stdout.write(JSON.stringify(shown(bailiwick).under));`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], { cwd: ROOT, encoding: "utf8" });
  expect(stderr).toBe("");
  return commandTree.parse(JSON.parse(stdout));
}

describe("every command that is shown", () => {
  const lines = written.flatMap(({ path, text }) => codeLines(text).map((line) => ({ path, line })));

  it("is a script of package.json, where npm runs it", () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(document("package.json").text));
    const shown = lines.flatMap(({ path, line }) => {
      const name = /\bnpm (?:run (?:-s )?([\w:-]+)|(start|test)\b)/.exec(line);
      return name === null ? [] : [{ path, script: name[1] ?? name[2] ?? "" }];
    });
    expect(shown.length).toBeGreaterThan(4);
    expect(shown.filter(({ script }) => scripts[script] === undefined)).toEqual([]);
  });

  it("is known to the command line, with every flag", { timeout: 20_000 }, () => {
    const tree = commands();
    const shown = lines.flatMap(({ path, line }) => {
      const words = /(?:^|\s|\(|-- |npx )(?:npm run bailiwick -- |bailiwick )([a-z].*)$/.exec(line)?.[1];
      return words === undefined ? [] : [{ path, words: words.split(/ [|#>] ?|\)|;|&&/)[0] ?? "" }];
    });
    expect(shown.length).toBeGreaterThan(10);
    expect(shown.flatMap(({ path, words }) => unknownIn(words, tree).map((word) => `${path}: bailiwick ${words}: ${word}`))).toEqual([]);
  });
});

function unknownIn(words: string, tree: z.infer<typeof commandTree>): readonly string[] {
  const [first = "", second = ""] = words.trim().split(/\s+/);
  const command = tree[first];
  if (command === undefined) return [first];
  const found = Object.keys(command.under).length === 0 ? command : command.under[second];
  if (found === undefined) return [second];
  const flags = Array.from(words.matchAll(/(?<=\s)--([a-z-]+)/g), ([, flag = ""]) => flag);
  return flags.filter((flag) => !found.flags.includes(flag));
}

describe("docs/invariants.md", () => {
  const { text } = document("docs/invariants.md");
  const sections = text.split(/^## /m).slice(1);

  it("has eleven, each with the code that holds it and a test that is there", () => {
    const numbered = sections.filter((section) => /^\d+\. /.test(section));
    expect(numbered.map((section) => Number.parseInt(section, 10))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    const without = numbered.filter(
      (section) => !/\*\*Held by\.\*\*[^]*`src\//.test(section) || !/\*\*Tested by\.\*\*[^]*`(test\/|\.dependency)/.test(section),
    );
    expect(without.map((section) => section.split("\n")[0])).toEqual([]);
  });
});

describe("what is generated", () => {
  it("is what the sources give now (else: npm run generate)", () => {
    expect(document("docs/reference/errors.md").text).toBe(errorsReference());
    expect(document("docs/reference/bounds.md").text).toBe(boundsReference());
  });

  it("has every fault", () => {
    const { text } = document("docs/reference/errors.md");
    const absent = Object.entries(FAULTS).filter(
      ([name, { status }]) => !new RegExp(`^\\| ${String(status)} \\| [^|]+ \\| [^|]+ \\| \`${name}\` \\|`, "m").test(text),
    );
    expect(absent).toEqual([]);
  });

  it("says that a fault is not sent only where none is thrown", () => {
    const code = sources("src", ".ts").filter(({ path }) => path !== "src/faults.ts");
    const unsent = Array.from(
      document("docs/reference/errors.md").text.matchAll(/`(\w+)` \| [^|]+ \| [^|]+ \| Not sent/g),
      ([, name = ""]) => name,
    );
    expect(unsent.filter((name) => code.some(({ text }) => text.includes(`"${name}"`)))).toEqual([]);
  });
});

describe("the rules themselves", () => {
  const planted = (text: string): Source => ({ path: "docs/guides/planted.md", text });
  const there = (path: string): boolean => path === posix.normalize("docs/there.md") || path === "src/there.ts";
  const target = { path: "docs/there.md", text: "# One head, & more\n\n```\n# none\n```\n" };

  it("find a link that leads nowhere, and a heading that is not there", () => {
    expect(brokenLinks(planted("[a](../there.md) [b](https://example.com/x) [c](../there.md#one-head--more)"), [target], there)).toEqual(
      [],
    );
    expect(brokenLinks(planted("[a](there.md)\n[b](../there.md#none)"), [target], there)).toHaveLength(2);
  });

  it("find a file, a header and a metric that are not there", () => {
    expect(missingPaths(planted("`src/there.ts`, `src/there.ts:12`, `docs/*.md`"), there)).toEqual([]);
    expect(missingPaths(planted("`src/gone.ts` and `test/gone`"), there)).toHaveLength(2);
    expect(unknownWords(planted("`x-known` and `gateway_known_total`, `x-known: 5`"), '"x-known" gateway_known_total')).toEqual([]);
    expect(unknownWords(planted("`x-gone` `gateway_gone`"), "")).toHaveLength(2);
  });

  it("read commands from blocks and from running text", () => {
    expect(codeLines("```sh\nnpm start # why\n```\nand `npm test`.")).toEqual(["npm start # why", "npm test"]);
  });
});
