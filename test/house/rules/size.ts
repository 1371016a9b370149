/** A file is one idea, a function one thought. */
import ts from "typescript";
import { at, parse, visit } from "./source.ts";
import type { Breach, Source } from "./source.ts";

export const FILE_LINES_MAX = 250;
export const FUNCTION_LINES_MAX = 40;
/** Four of different kinds are told apart; the world that a stage is given is often the fourth. */
export const PARAMETERS_MAX = 4;

/** Types without any logic, where one page is the point. */
const ONE_PAGE = new Set(["src/ports.ts"]);

export function oversized(source: Source): readonly Breach[] {
  const breaches: Breach[] = [];
  const lines = source.text.trimEnd().split("\n").length;
  if (lines > FILE_LINES_MAX && !ONE_PAGE.has(source.path))
    breaches.push(`${source.path} has ${lines} lines: split it by reason to change`);
  const file = parse(source);
  visit(file, (node) => {
    if (!ts.isFunctionLike(node) || !("body" in node) || node.body === undefined) return;
    const length = linesOf(file, node);
    if (length > FUNCTION_LINES_MAX) breaches.push(`${at(file, node)} a function of ${length} lines: the parent branches, children think`);
    if (node.parameters.length > PARAMETERS_MAX && !ts.isConstructorDeclaration(node) && !isContextual(node))
      breaches.push(`${at(file, node)} takes ${node.parameters.length} parameters: pass one object`);
  });
  return breaches;
}

/** A callback has the parameters that its caller gives it. */
function isContextual(node: ts.Node): boolean {
  return (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) && ts.isCallExpression(node.parent);
}

function linesOf(file: ts.SourceFile, node: ts.Node): number {
  const line = (position: number): number => file.getLineAndCharacterOfPosition(position).line;
  return line(node.getEnd()) - line(node.getStart(file)) + 1;
}
