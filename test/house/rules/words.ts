/** Words that would let time, chance, sockets or the surroundings in by the back door, each with what to use instead. */
import ts from "typescript";
import { at, parse, visit } from "./source.ts";
import type { Breach, Source } from "./source.ts";

const MEMBERS = new Map([
  ["Date.now", "clock.nowMs()"],
  ["performance.now", "clock.monotonicMs()"],
  ["Math.random", "random.unit()"],
  ["AbortSignal.timeout", "clock.after()"],
  ["process.env", "a setting that entry/ reads"],
  ["process.hrtime", "clock.monotonicMs()"],
]);

const NAMES = new Map([
  ["setTimeout", "clock.after()"],
  ["setInterval", "clock.every()"],
  ["setImmediate", "clock.turn()"],
  ["randomUUID", "random.id()"],
  ["console", "the observer, or the logger that entry/ makes"],
  ["eval", "nothing"],
]);

/** Where the words are at home. */
const FREE = /^src\/(entry|cli)\//;
const SOCKETS = /^src\/(entry|cli|transport)\//;

export function bannedWords(source: Source): readonly Breach[] {
  if (FREE.test(source.path)) return [];
  const file = parse(source);
  const breaches: Breach[] = [];
  visit(file, (node) => {
    const found = banned(node, source.path);
    if (found !== undefined) breaches.push(`${at(file, node)} ${found.word}: use ${found.instead}`);
  });
  return breaches;
}

interface Found {
  readonly word: string;
  readonly instead: string;
}

function banned(node: ts.Node, path: string): Found | undefined {
  if (ts.isPropertyAccessExpression(node)) return listed(MEMBERS, `${nameOf(node.expression)}.${node.name.text}`) ?? global(node);
  if (ts.isElementAccessExpression(node) && ts.isStringLiteralLike(node.argumentExpression))
    return listed(MEMBERS, `${nameOf(node.expression)}.${node.argumentExpression.text}`);
  if (ts.isIdentifier(node) && isUse(node)) return listed(NAMES, node.text);
  if (isDateOfNow(node)) return { word: "new Date()", instead: "clock.nowMs()" };
  const calls = ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "fetch";
  return calls && !SOCKETS.test(path) ? { word: "fetch(", instead: "the transport" } : undefined;
}

/** `globalThis.setTimeout` is no way around, nor is `crypto.randomUUID`. */
function global(node: ts.PropertyAccessExpression): Found | undefined {
  if (node.name.text === "randomUUID" || nameOf(node.expression) === "globalThis") return listed(NAMES, node.name.text);
  return undefined;
}

function listed(table: ReadonlyMap<string, string>, word: string): Found | undefined {
  const instead = table.get(word);
  return instead === undefined ? undefined : { word, instead };
}

/** The name of an identifier, and of the last member of a chain: `globalThis.process.env` is `process.env`. */
function nameOf(node: ts.Expression): string {
  if (ts.isIdentifier(node)) return node.text;
  return ts.isPropertyAccessExpression(node) ? node.name.text : "";
}

/** A member or a field that happens to have the name is no use of the global. */
function isUse(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent) && parent.name === node) return false;
  if (ts.isPropertyAssignment(parent) && parent.name === node) return false;
  return !(
    ts.isPropertySignature(parent) ||
    ts.isMethodSignature(parent) ||
    ts.isMethodDeclaration(parent) ||
    ts.isPropertyDeclaration(parent)
  );
}

function isDateOfNow(node: ts.Node): boolean {
  if (ts.isNewExpression(node)) return nameOf(node.expression) === "Date" && (node.arguments ?? []).length === 0;
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && node.expression.text === "Date";
}
