/** Tenants' policies that came over the API: as a column holds them, and as the documents that the law is compiled from. */
import { BOUNDS } from "../bounds.ts";
import type { PolicySource } from "../domain/estate.ts";
import { Fault } from "../faults.ts";
import type { Tenant } from "../domain/tenancy.ts";
import type { Kept, Lawmaker, TenantPolicy } from "../ports.ts";

type Path = readonly (string | number)[];

/** @throws Fault invalid_value for a policy that is too large to be kept */
export function policyToColumn({ rules, uses }: TenantPolicy): string {
  const text = JSON.stringify(uses === undefined ? { rules } : { rules, uses });
  if (Buffer.byteLength(text) <= BOUNDS.policyDocumentBytesMax) return text;
  throw new Fault("invalid_value", { param: "policy", text: `A policy has at most ${BOUNDS.policyDocumentBytesMax} bytes.` });
}

/** @throws Error for a column that no version of this program wrote */
export function policyFromColumn(column: string | null): TenantPolicy | undefined {
  if (column === null) return undefined;
  // By hand: every change of a policy reads them all.
  const given: unknown = JSON.parse(column);
  if (typeof given !== "object" || given === null || !("rules" in given) || !Array.isArray(given.rules))
    throw new Error("a tenant's policy is not as it was stored");
  return { rules: given.rules, uses: "uses" in given ? given.uses : undefined };
}

/** Whole document and places: `tenant acme (made over the API): policy[0].require`. */
export function policySource(tenant: string, { rules, uses }: TenantPolicy): PolicySource {
  const metadata = { id: `tenant-${tenant}`, level: "tenant", subject: tenant, version: 1 };
  const document = { apiVersion: "sovereignty/v1", kind: "Policy", metadata, ...(uses === undefined ? {} : { uses }), rules };
  return { level: "tenant", subject: tenant, document, where: (path) => `tenant ${tenant} (made over the API): ${placeText(path)}` };
}

/**
 * Compiles the law as it would be with this policy in the place of the tenant's present one. Returns what puts it in force.
 * @throws Fault invalid_value naming every problem
 */
export function judgePolicy(
  kept: Kept,
  law: Lawmaker,
  { tenant, policy }: { readonly tenant: Tenant; readonly policy: TenantPolicy },
): () => void {
  const others = kept.policies.filter(({ subject }) => subject !== tenant.id);
  const draft = law.draft({
    tenants: new Map(kept.tenants).set(tenant.id, tenant),
    policies: [...others, policySource(tenant.id, policy)],
  });
  if (draft.ok) return draft.enact;
  const { problems } = draft;
  const shown = problems.slice(0, BOUNDS.adminProblemsMax);
  const more = problems.length > shown.length ? [`and ${problems.length - shown.length} more`] : [];
  throw new Fault("invalid_value", {
    param: "policy",
    text: `The policy is not law, and nothing was stored. ${[...shown, ...more].join("; ")}`,
    extra: { problems: shown },
  });
}

/** A path as people write it; where the short form has another name than the document, its own. */
function placeText([first = "rules", ...rest]: Path): string {
  const name = first === "rules" ? "policy" : String(first);
  return (
    name +
    rest
      .map((step) => (typeof step === "number" ? `[${step}]` : /^[A-Za-z_]\w*$/.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`))
      .join("")
  );
}
