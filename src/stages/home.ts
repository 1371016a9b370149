/** Third stage: may this very cell handle this principal's content at all? Nothing of the body has been read yet. */
import type { Principal } from "../domain/tenancy.ts";
import { Fault } from "../faults.ts";
import { selfAdmits } from "../policies/decide.ts";
import { publicReasons } from "../policies/explain.ts";
import type { World } from "../world.ts";
import type { Entered } from "./ingress.ts";

/** @throws Fault sov_self, wrong_cell, sov_bad_header */
export function home(principal: Principal, require: string | undefined, entered: Entered, world: Pick<World, "estate">): void {
  const { bundle, declared } = world.estate();
  const { msp, tenant, project, key } = principal;
  const who = { msp: msp.id, tenant: tenant.id, project: project.id, key: key.id, defaultClass: tenant.defaultClass, require };
  const verdict = selfAdmits(bundle, who, entered.atMs);
  if (verdict.ok) return;
  const extra = { sovereignty: { denied_by: publicReasons(verdict.exclusions), base_urls: declared.cells.map((cell) => cell.baseUrl) } };
  throw new Fault(declared.cells.length > 0 ? "wrong_cell" : "sov_self", { extra });
}
