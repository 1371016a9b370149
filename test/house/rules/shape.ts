/** Shapes that hide mistakes from the compiler or from the reader. */
import ts from "typescript";
import { at, parse, visit } from "./source.ts";
import type { Breach, Source } from "./source.ts";

/** The one place where a string becomes an id, and the one entry that its platform wants as a default export. */
const CASTS_IN = "src/domain/ids.ts";
const DEFAULT_EXPORT_IN = "src/entry/worker.ts";
/** Who may ask for the right to mint clearances: the module that defines it, and the law. */
const MINTS = /^src\/(domain\/clearance\.ts$|policies\/)/;
const VAGUE = /(^|[-/])(utils?|helpers?|managers?|services?|misc|common)(\.ts$|\/)/i;

export function misshapen(source: Source): readonly Breach[] {
  const file = parse(source);
  const breaches: Breach[] = [];
  if (VAGUE.test(source.path)) breaches.push(`${source.path} has a name that says nothing: name the idea`);
  if (!/^(#!.*\n)?\/\*\*/.test(source.text)) breaches.push(`${source.path} does not say at its head why it exists`);
  visit(file, (node) => {
    const wrong = wrongWith(node, source.path);
    if (wrong !== undefined) breaches.push(`${at(file, node)} ${wrong}`);
  });
  return breaches;
}

function wrongWith(node: ts.Node, path: string): string | undefined {
  if (isCast(node) && path !== CASTS_IN) return "a cast: narrow the type, or make the id with domain/ids.ts";
  if (isDefaultExport(node) && path !== DEFAULT_EXPORT_IN) return "a default export: give it a name";
  if (node.kind === ts.SyntaxKind.AnyKeyword) return "any: say what it is, or unknown";
  if (ts.isIdentifier(node) && node.text === "claimMint" && !MINTS.test(path)) return "claimMint: only policies/ mints clearances";
  return undefined;
}

function isCast(node: ts.Node): boolean {
  if (ts.isTypeAssertionExpression(node)) return true;
  return ts.isAsExpression(node) && !(ts.isTypeReferenceNode(node.type) && node.type.getText() === "const");
}

function isDefaultExport(node: ts.Node): boolean {
  if (ts.isExportAssignment(node)) return true;
  if (ts.isExportSpecifier(node)) return node.name.text === "default";
  return ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some((modifier) => modifier.kind === ts.SyntaxKind.DefaultKeyword);
}
