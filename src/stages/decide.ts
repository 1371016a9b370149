/** Fifth stage: the law. Which backends may this request go to at all? Taste comes later, and only among these. */
import type { Call } from "../domain/call.ts";
import type { Question } from "../domain/law.ts";
import type { Principal } from "../domain/tenancy.ts";
import { Fault } from "../faults.ts";
import { decide as judge, type Decision } from "../policies/decide.ts";
import { publicReasons } from "../policies/explain.ts";
import type { World } from "../world.ts";

export interface Decided {
  readonly question: Question;
  readonly decision: Decision;
}

/** @throws Fault sov_no_admissible, sov_no_policy, sov_bad_header */
export function decide(call: Call, principal: Principal, require: string | undefined, world: Pick<World, "estate" | "clock">): Decided {
  const question: Question = {
    msp: principal.msp.id,
    tenant: principal.tenant.id,
    project: principal.project.id,
    key: principal.key.id,
    model: call.alias.model,
    capability: call.capability,
    defaultClass: principal.tenant.defaultClass,
    require,
  };
  const decision = judge(world.estate().bundle, question, world.clock.nowMs());
  if (decision.admissible.length === 0) throw refusal(decision);
  return { question, decision };
}

/** What a caller may know of a refusal: counts, and its own rules. */
export function refusal(decision: Decision): Fault {
  const excluded = decision.excluded();
  const lawless = excluded.length > 0 && excluded.every((exclusion) => exclusion.reason === "no-policy");
  const sovereignty = { epoch: decision.epoch, considered: decision.considered, admissible: 0, denied_by: publicReasons(excluded) };
  return new Fault(lawless ? "sov_no_policy" : "sov_no_admissible", { param: "model", extra: { sovereignty } });
}
