/**
 * Law as plain documents, and a deliberately naive reading of them, word by word: nothing here is compiled, cached or shared with
 * src/policies. What this reading forbids and the gateway does anyway is a breach.
 */
import type { PolicySource } from "../../src/domain/estate.ts";

export const RUNGS = {
  evidence: ["self", "contract", "audit", "attested"],
  class: ["public", "internal", "confidential", "restricted", "secret"],
  tenancy: ["shared", "isolated-process", "dedicated-node", "dedicated-cluster", "air-gapped"],
} as const;

export interface PlainFact {
  readonly value: string | number;
  readonly evidence: (typeof RUNGS.evidence)[number];
  /** Wall milliseconds; undefined: never. */
  readonly expiresAtMs: number | undefined;
}

export type PlainFacts = Readonly<Record<string, PlainFact>>;

/** A box: attribute path -> operator -> operand. */
export type PlainBox = Readonly<Record<string, Readonly<Record<string, readonly string[] | string | number>>>>;

export interface PlainRule {
  readonly id: string;
  readonly when?: { readonly "request.class": { readonly at_least?: string; readonly at_most?: string } };
  readonly require: PlainBox;
  readonly any_of?: readonly PlainBox[];
  readonly min_evidence?: string;
  readonly applies_to?: "backend" | "self" | "both";
}

export interface PlainDocument {
  readonly level: PolicySource["level"];
  readonly subject: string;
  readonly rules: readonly PlainRule[];
}

/** What a caller's header asks for. */
export interface PlainHeader {
  readonly country?: readonly string[];
  readonly evidence?: string;
  readonly class?: string;
}

export function headerText(header: PlainHeader): string {
  const parts: string[] = [];
  if (header.country !== undefined) parts.push(`country=(${header.country.join(" ")})`);
  if (header.evidence !== undefined) parts.push(`evidence=${header.evidence}`);
  if (header.class !== undefined) parts.push(`class=${header.class}`);
  return parts.join(", ");
}

/** One request before the law. */
export interface PlainCase {
  readonly documents: readonly PlainDocument[];
  readonly ids: Readonly<Record<"msp" | "tenant" | "project" | "key", string>>;
  readonly defaultClass: string;
  readonly header: PlainHeader | undefined;
  /** The cell's own facts. */
  readonly self: PlainFacts;
  readonly nowMs: number;
}

export interface PlainTarget {
  readonly operator: string;
  readonly facts: PlainFacts;
}

/** Why the documents forbid this target, or the cell itself; undefined: they do not. */
export function forbids(asked: PlainCase, target: PlainTarget): string | undefined {
  for (const name of classesOf(asked)) {
    const why =
      forbidsAs(name, asked, { facts: target.facts, operator: target.operator }) ??
      forbidsAs(name, asked, { facts: asked.self, operator: undefined });
    if (why !== undefined) return `as ${name}: ${why}`;
  }
  return undefined;
}

/** Why the cell itself may not handle the request at all. */
export function forbidsCell(asked: PlainCase): string | undefined {
  for (const name of classesOf(asked)) {
    const why = forbidsAs(name, asked, { facts: asked.self, operator: undefined });
    if (why !== undefined) return `as ${name}: ${why}`;
  }
  return undefined;
}

/** A raised request must be lawful as every class from the tenant's own to the raised one. */
function classesOf({ defaultClass, header }: PlainCase): readonly string[] {
  const names: readonly string[] = RUNGS.class;
  const from = names.indexOf(defaultClass);
  const to = Math.max(from, names.indexOf(header?.class ?? defaultClass));
  return names.slice(from, to + 1);
}

interface Judged {
  readonly facts: PlainFacts;
  /** undefined: the cell itself is judged. */
  readonly operator: string | undefined;
}

const MUST_SPEAK = ["platform", "operator", "msp", "tenant"];

function forbidsAs(className: string, asked: PlainCase, judged: Judged): string | undefined {
  const side = judged.operator === undefined ? "self" : "backend";
  const subjects: Readonly<Record<string, string | undefined>> = { ...asked.ids, platform: "", operator: judged.operator };
  for (const level of ["platform", "operator", "msp", "tenant", "project", "key"]) {
    if (level === "operator" && side === "self") continue;
    const rules = asked.documents.filter((each) => each.level === level && each.subject === subjects[level]).flatMap((each) => each.rules);
    const applying = rules.filter((rule) => inForce(rule, className));
    const judging = applying.filter((rule) => (rule.applies_to ?? "both") === "both" || rule.applies_to === side);
    const spoken = side === "self" ? applying.length > 0 : judging.length > 0;
    if (!spoken && MUST_SPEAK.includes(level)) return `the ${level} is silent`;
    const broken = judging.find((rule) => !holds(rule, asked, judged));
    if (broken !== undefined) return `${level} rule ${broken.id} (${side})`;
  }
  const { header } = asked;
  if (header?.country === undefined) return undefined;
  const rule: PlainRule = { id: "header", require: { "backend.location.country": { in: header.country } } };
  return holds(rule, asked, judged) ? undefined : `header (${side})`;
}

function inForce({ when }: PlainRule, className: string): boolean {
  const { at_least: least = "public", at_most: most = "secret" } = when?.["request.class"] ?? {};
  return atLeast(RUNGS.class, className, least) && atLeast(RUNGS.class, most, className);
}

function holds(rule: PlainRule, asked: PlainCase, judged: Judged): boolean {
  const boxHolds = (box: PlainBox): boolean =>
    Object.entries(box).every(([path, conditions]) => {
      const facts = path.startsWith("self.") ? asked.self : judged.facts;
      const fact = facts[path.slice(path.indexOf(".") + 1)];
      if (fact === undefined) return false;
      if (fact.expiresAtMs !== undefined && fact.expiresAtMs <= asked.nowMs) return false;
      if (!atLeast(RUNGS.evidence, fact.evidence, rule.min_evidence ?? "self")) return false;
      if (!atLeast(RUNGS.evidence, fact.evidence, asked.header?.evidence ?? "self")) return false;
      return Object.entries(conditions).every(([operator, operand]) => meets(fact.value, operator, operand));
    });
  return boxHolds(rule.require) && (rule.any_of === undefined || rule.any_of.some(boxHolds));
}

function meets(value: string | number, operator: string, operand: readonly string[] | string | number): boolean {
  if (operator === "in") return typeof operand === "object" && operand.includes(String(value));
  if (operator === "at_most") return Number(value) <= Number(operand);
  if (operator === "at_least") return atLeast(RUNGS.tenancy, String(value), String(operand));
  throw new Error(`the naive reading has no operator ${operator}`);
}

function atLeast(rungs: readonly string[], value: string, least: string): boolean {
  return rungs.indexOf(value) >= rungs.indexOf(least);
}
