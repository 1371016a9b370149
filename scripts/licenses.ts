/**
 * Whether everything that ships may ship: the licence of each package of production, against a list of those that ask for no more than
 * to be named. What is not on the list fails, and so does a package that names none.
 */
import { productionTree, readLock, type Lock } from "./production-tree.ts";

const PERMITTED: ReadonlySet<string> = new Set(["0BSD", "Apache-2.0", "BlueOak-1.0.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"]);

/** One line for each package that may not ship. */
export function forbidden(lock: Lock): readonly string[] {
  return productionTree(lock).flatMap(({ name, version = "", license }) => {
    if (license === undefined) return [`${name} ${version} names no licence`];
    return permits(license) ? [] : [`${name} ${version} has a licence that is not on the list: ${license}`];
  });
}

/** An SPDX expression: OR leaves the choice to us, AND does not, and binds more tightly. What cannot be read is not permitted. */
export function permits(expression: string): boolean {
  const tokens = expression.match(/[()]|[^\s()]+/g) ?? [];
  try {
    return either(tokens) && tokens.length === 0;
  } catch {
    return false;
  }
}

function either(tokens: string[]): boolean {
  let permitted = both(tokens);
  while (tokens[0] === "OR") {
    tokens.shift();
    const other = both(tokens);
    permitted ||= other;
  }
  return permitted;
}

function both(tokens: string[]): boolean {
  let permitted = one(tokens);
  while (tokens[0] === "AND") {
    tokens.shift();
    const other = one(tokens);
    permitted &&= other;
  }
  return permitted;
}

/** A licence with an exception ("WITH") is a licence of its own, and not on the list: its rest is left over. @throws SyntaxError */
function one(tokens: string[]): boolean {
  const token = tokens.shift();
  if (token === undefined) throw new SyntaxError("it ends too early");
  if (token !== "(") return PERMITTED.has(token);
  const permitted = either(tokens);
  if (tokens.shift() !== ")") throw new SyntaxError("a bracket is open");
  return permitted;
}

if (import.meta.main) {
  const lock = readLock();
  const lines = forbidden(lock);
  for (const line of lines) process.stderr.write(`${line}\n`);
  if (lines.length === 0) process.stdout.write(`${String(productionTree(lock).length)} packages, all under licences that are permitted\n`);
  else process.exitCode = 1;
}
