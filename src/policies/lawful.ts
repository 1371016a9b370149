/** The second look, in the instant before sending: asks the rules themselves again and believes no mask, no cache and no earlier decision. */
import type { Backend } from "../domain/fleet.ts";
import type { Question } from "../domain/law.ts";
import { understand } from "./book.ts";
import type { Bundle } from "./bundle.ts";
import { ruleHolds } from "./judge.ts";
import { benchOf, type Hearing, SELF } from "./reasons.ts";
import type { Rule } from "./rule.ts";

/**
 * Whether the newest law still lets this question go to this backend, and this cell handle it.
 * @param bundle the newest, not the one that decided
 * @param nowMs Unix milliseconds
 * @throws Fault sov_bad_header
 */
export function stillLawful(bundle: Bundle, question: Question, backend: Backend, nowMs: number): boolean {
  const { ground, book } = bundle;
  const index = ground.indexOf.get(backend.id) ?? -1;
  const current = ground.backends[index];
  const target = ground.targets[index];
  if (current === undefined || target === undefined || !sameDestination(current, backend) || !current.models.has(question.model))
    return false;
  const asked = understand(question);
  const caller = book.ofCaller(asked, "backend");
  const operator = book.ofOperator(current.operator, asked.circumstances);
  const cell = book.ofCaller(asked, "self");
  if (!asked.classKnown || caller.silent.length + operator.silent.length + cell.silent.length > 0) return false;
  const there: Hearing = { id: current.id, target, asked, nowMs };
  const here: Hearing = { id: SELF, target: ground.self, asked, nowMs };
  return holdAll(caller.rules, bundle, there) && holdAll(operator.rules, bundle, there) && holdAll(cell.rules, bundle, here);
}

/** The facts of the newest bundle are about a place; a backend that has moved since is another place. */
function sameDestination(current: Backend, before: Backend): boolean {
  return (
    current === before ||
    (current.baseUrl === before.baseUrl &&
      current.operator === before.operator &&
      current.site === before.site &&
      current.engine === before.engine)
  );
}

function holdAll(rules: readonly Rule[], bundle: Bundle, hearing: Hearing): boolean {
  return rules.every((rule) => ruleHolds(rule, benchOf(rule, bundle, hearing)));
}
