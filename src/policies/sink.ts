/**
 * May what is known of a request go to a sink outside this cell? A sink has facts of its own and is judged like a backend, by every rule that
 * speaks about the request; and since traces and metrics are logs of this cell, the cell is judged with its logs lying there.
 */
import type { Exporter } from "../domain/estate.ts";
import type { FactSheet } from "../domain/facts.ts";
import { backendId, operatorId, siteId } from "../domain/ids.ts";
import type { Exclusion, Question } from "../domain/law.ts";
import { type Applicable, type Asked, understand } from "./book.ts";
import type { Bundle } from "./bundle.ts";
import type { Ids } from "./constants.ts";
import { readBackend, readSheet, type Target } from "./ground.ts";
import { type Bench, ruleHolds } from "./judge.ts";
import { Place, type Problem } from "./problems.ts";
import { exclusionOf, failings, type Hearing, SELF, silences } from "./reasons.ts";
import type { Rule } from "./rule.ts";

/** How exclusions name the sink. No backend can be called so. */
export const SINK = backendId("telemetry:otlp");

/** A sink as judged. */
export interface Sink {
  readonly target: Target;
  /** This cell, with its logs lying at the sink. */
  readonly cell: Target;
  /** Whose rules are asked besides the caller's; undefined: it stands at no declared site. */
  readonly operator: string | undefined;
}

const LOGS = "location.logs";

/** What is wrong with its facts is added to `problems`. */
export function readSink(
  { facts, standing }: Pick<Exporter, "facts" | "standing">,
  self: FactSheet,
  { ids, problems }: { ids: Ids; problems: Problem[] },
): Sink {
  const place = new Place(problems, (path) => path.join(".")).at("telemetry", "otlp");
  const logs = facts.facts.get(LOGS) ?? facts.facts.get("location.country");
  const known = new Map(facts.facts);
  const ofCell = new Map(self.facts);
  ofCell.delete(LOGS);
  if (logs !== undefined) {
    known.set(LOGS, logs);
    ofCell.set(LOGS, logs);
  }
  const { site, operator } = standing ?? { site: siteId(""), operator: operatorId("") };
  return {
    target: readBackend({ id: SINK, facts: { ...facts, facts: known }, site, operator }, ids, place),
    // What is wrong with the cell's own facts is said of the cell itself.
    cell: readSheet({ ...self, facts: ofCell }, ids, new Place([], () => "")),
    operator: standing?.operator,
  };
}

/**
 * Whether the law lets what is known of this request go to the sink. Believes no cache: it is asked in the instant before sending.
 * @param bundle the newest
 * @param nowMs Unix milliseconds
 * @throws Fault sov_bad_header
 */
export function sinkAdmits({ book, sink }: Pick<Bundle, "book" | "sink">, question: Question, nowMs: number): boolean {
  if (sink === undefined) return false;
  const asked = understand(question);
  const { there, here } = lawOf(book, sink, asked);
  if (!asked.classKnown || there.silent.length + here.silent.length > 0) return false;
  const holds = (target: Target) => (rule: Rule) => ruleHolds(rule, benchAt(target, rule, { sink, asked, nowMs }));
  return there.rules.every(holds(sink.target)) && here.rules.every(holds(sink.cell));
}

/** Every reason why nothing of such a request may go there. @throws Fault sov_bad_header */
export function sinkExclusions({ book, sink }: Pick<Bundle, "book" | "sink">, question: Question, nowMs: number): readonly Exclusion[] {
  if (sink === undefined) return [];
  const asked = understand(question);
  const { there, here } = lawOf(book, sink, asked);
  const against = (law: Applicable, hearing: Hearing): readonly Exclusion[] => [
    ...silences(law, hearing),
    ...law.rules.flatMap((rule) =>
      failings(rule, benchAt(hearing.target, rule, { sink, asked, nowMs })).map((failing) => exclusionOf(failing, hearing)),
    ),
  ];
  return [
    ...against(there, { id: SINK, target: sink.target, asked, nowMs }),
    ...against(here, { id: SELF, target: sink.cell, asked, nowMs }),
  ];
}

/** The rules about the sink, as about a backend, and those about this cell. */
function lawOf(book: Bundle["book"], sink: Sink, asked: Asked): { readonly there: Applicable; readonly here: Applicable } {
  const caller = book.ofCaller(asked, "backend");
  const here = book.ofCaller(asked, "self");
  if (sink.operator === undefined) return { there: caller, here };
  const operator = book.ofOperator(sink.operator, asked.circumstances);
  return { there: { rules: [...caller.rules, ...operator.rules], silent: [...caller.silent, ...operator.silent] }, here };
}

interface Circumstance {
  readonly sink: Sink;
  readonly asked: Asked;
  readonly nowMs: number;
}

function benchAt(target: Target, rule: Rule, { sink, asked, nowMs }: Circumstance): Bench {
  return { target, self: sink.cell, evidenceLeast: Math.max(rule.evidenceLeast, asked.requirement.evidenceLeast), nowMs };
}
