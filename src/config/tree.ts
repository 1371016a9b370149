/** YAML as plain data that remembers where each value stood; what would hide or repeat data (anchors, merges, tags, doubles) is refused. */
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import type { Node, YAMLMap } from "yaml";
import type { Finding, Report } from "./finding.ts";
import { pathText } from "./path.ts";
import type { Path } from "./path.ts";

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One parsed YAML file. */
export class Tree {
  readonly file: string;
  /** Plain data: null, boolean, number, string, arrays, objects. */
  readonly value: unknown;
  /** False when the text is no YAML: the value then holds what could be read, and is not worth judging. */
  readonly sound: boolean;
  readonly #root: Node | null;
  readonly #lines: LineCounter;

  /** Syntax errors and refused constructs go to the report; the value holds whatever could be read. */
  constructor(text: string, file: string, report: Report) {
    this.file = file;
    this.#lines = new LineCounter();
    const document = parseDocument(text, { lineCounter: this.#lines, uniqueKeys: false, prettyErrors: false, schema: "core" });
    this.#root = isNode(document.contents) ? document.contents : null;
    this.sound = document.errors.length === 0;
    for (const error of [...document.errors, ...document.warnings]) {
      report.add({ file, ...this.#position(error.pos[0]), path: "", message: syntaxText(error.message), hint: undefined });
    }
    this.value = this.#plain(this.#root, [], report);
  }

  /** Of a scalar the value's place, of anything else its key's; for an absent path that of the nearest thing above it. */
  at(path: Path): Position {
    const { key, value, complete } = this.#find(path);
    return this.#of(complete && isScalar(value) && !isEmpty(value) ? value : (key ?? value));
  }

  /** Place of the key that a path ends in. */
  keyAt(path: Path): Position {
    const { key, value } = this.#find(path);
    return this.#of(key ?? value);
  }

  /** "file:line" of a path, for errors that others find in this document. */
  where(path: Path): string {
    return `${this.file}:${this.at(path).line}`;
  }

  finding(path: Path, message: string, hint?: string): Finding {
    return { file: this.file, ...this.at(path), path: pathText(path), message, hint };
  }

  /** As `finding`, for a key that should not be there. */
  keyFinding(path: Path, message: string, hint?: string): Finding {
    return { file: this.file, ...this.keyAt(path), path: pathText(path), message, hint };
  }

  #find(path: Path): { readonly key: Node | undefined; readonly value: Node | null; readonly complete: boolean } {
    let key: Node | undefined;
    let value = this.#root;
    for (const step of path) {
      const next = isMap(value) ? pairOf(value, step) : isSeq(value) && typeof step === "number" ? elementOf(value.items[step]) : undefined;
      if (next === undefined) return { key, value, complete: false };
      key = next.key;
      value = next.value;
    }
    return { key, value, complete: true };
  }

  #of(node: Node | null | undefined): Position {
    return this.#position(node?.range?.[0] ?? 0);
  }

  #position(offset: number): Position {
    const { line, col } = this.#lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  }

  #refuse(node: Node, path: Path, problem: { readonly report: Report; readonly message: string; readonly hint?: string }): void {
    problem.report.add({ file: this.file, ...this.#of(node), path: pathText(path), message: problem.message, hint: problem.hint });
  }

  #plain(node: unknown, path: Path, report: Report): unknown {
    if (!isNode(node)) return null;
    if (isAlias(node)) {
      this.#refuse(node, path, {
        report,
        message: "YAML aliases are refused",
        hint: "write the value out: each place must be readable by itself",
      });
      return undefined;
    }
    if (node.anchor !== undefined)
      this.#refuse(node, path, { report, message: "YAML anchors are refused", hint: `remove &${node.anchor}` });
    if (node.tag !== undefined) this.#refuse(node, path, { report, message: "YAML tags are refused", hint: `remove ${node.tag}` });
    if (isMap(node)) return this.#mapping(node, path, report);
    if (isSeq(node)) return node.items.map((item, index) => this.#plain(item, [...path, index], report));
    if (!isScalar(node)) return undefined;
    if (typeof node.value === "number" && !Number.isFinite(node.value))
      this.#refuse(node, path, { report, message: "not a finite number" });
    return node.value;
  }

  #mapping(node: YAMLMap, path: Path, report: Report): Record<string, unknown> {
    const members: Record<string, unknown> = {};
    for (const pair of node.items) {
      const keyNode = isNode(pair.key) ? pair.key : node;
      const key = keyText(pair.key);
      const here = [...path, key ?? ""];
      if (key === undefined)
        this.#refuse(keyNode, path, {
          report,
          message: "a key must be plain text",
          hint: isAlias(pair.key) ? "YAML aliases are refused" : "put it in quotes",
        });
      else if (key === "<<") this.#refuse(keyNode, here, { report, message: "YAML merge keys are refused", hint: "write the fields out" });
      else if (key === "__proto__") this.#refuse(keyNode, here, { report, message: "this name is refused" });
      else if (Object.hasOwn(members, key)) {
        this.#refuse(keyNode, here, { report, message: `"${key}" is declared twice`, hint: `first at line ${this.keyAt(here).line}` });
      } else members[key] = this.#plain(pair.value, here, report);
      if (isNode(pair.key) && !isAlias(pair.key) && pair.key.anchor !== undefined)
        this.#refuse(keyNode, here, { report, message: "YAML anchors are refused" });
    }
    return members;
  }
}

/** The parser recurses and says so when it cannot go deeper. */
function syntaxText(message: string): string {
  return message.includes("call stack") ? "nests too deeply" : `not valid YAML: ${message}`;
}

function keyText(key: unknown): string | undefined {
  if (!isScalar(key)) return undefined;
  if (typeof key.value === "string") return key.value;
  return typeof key.value === "number" || typeof key.value === "boolean" ? key.source : undefined;
}

function pairOf(map: YAMLMap, step: string | number): { key: Node | undefined; value: Node | null } | undefined {
  const pair = map.items.find((item) => keyText(item.key) === String(step));
  return pair === undefined ? undefined : { key: isNode(pair.key) ? pair.key : undefined, value: isNode(pair.value) ? pair.value : null };
}

function elementOf(item: unknown): { key: Node; value: Node } | undefined {
  return isNode(item) ? { key: item, value: item } : undefined;
}

function isEmpty(node: Node): boolean {
  return node.range !== null && node.range !== undefined && node.range[0] === node.range[1];
}
