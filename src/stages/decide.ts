/** Fifth stage: the law. Which backends may this request go to at all? Taste comes later, and only among these. */
import { BOUNDS } from "../bounds.ts";
import type { Call } from "../domain/call.ts";
import type { Declared } from "../domain/estate.ts";
import type { Backend } from "../domain/fleet.ts";
import type { BackendId } from "../domain/ids.ts";
import type { Exclusion, Question } from "../domain/law.ts";
import type { Principal } from "../domain/tenancy.ts";
import { Fault } from "../faults.ts";
import { decide as judge, type Decision } from "../policies/decide.ts";
import { publicReasons } from "../policies/explain.ts";
import { placedExclusions } from "../policies/placed.ts";
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
  const { bundle, declared } = world.estate();
  const decision = judge(bundle, question, world.clock.nowMs());
  if (decision.admissible.length === 0) throw refusal(decision, mayLook(principal) ? declared.backends : undefined);
  return { question, decision };
}

/** Whether this caller may look closer: its MSP has turned diagnostics on, and its key may ask. */
export function mayLook({ msp, key }: Pick<Principal, "msp" | "key">): boolean {
  return msp.brand.diagnostics && key.explain;
}

/** Where backends stand, for a caller that may look closer; undefined: it may not. */
export type Places = Declared["backends"] | undefined;

/** What a caller may know of a refusal: counts, its own rules, and place by place where it may look closer. */
export function refusal(decision: Decision, places: Places): Fault {
  const excluded = decision.excluded();
  const lawless = excluded.length > 0 && excluded.every((exclusion) => exclusion.reason === "no-policy");
  return new Fault(lawless ? "sov_no_policy" : "sov_no_admissible", {
    param: "model",
    extra: { sovereignty: told(decision, excluded, places) },
  });
}

/** Lawful places there are, and none of them answers now. */
export function nobodyUp(decision: Decision, places: Places): Fault {
  const extra = places === undefined ? {} : { extra: { sovereignty: told(decision, decision.excluded(), places) } };
  return new Fault("sov_no_healthy", { retryAfterMs: BOUNDS.retryAfterDefaultMs, ...extra });
}

function told(decision: Decision, excluded: readonly Exclusion[], places: Places): Readonly<Record<string, unknown>> {
  const { epoch, considered, admissible } = decision;
  const counted = { epoch, considered, admissible: admissible.length, denied_by: publicReasons(excluded) };
  if (places === undefined) return counted;
  const placeOf = (backend: BackendId): string | undefined => countryOf(places.get(backend));
  return { ...counted, excluded: placedExclusions(excluded, placeOf, BOUNDS.exclusionsShownMax) };
}

/** Where a backend is said to stand. */
export function countryOf(backend: Backend | undefined): string | undefined {
  const country = backend?.facts.facts.get("location.country")?.value;
  return country === undefined ? undefined : String(country);
}
