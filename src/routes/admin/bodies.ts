/** The administration's answers, in OpenAI's list and object shapes. */
import type { MicroUnits } from "../../domain/money.ts";
import type { Limits } from "../../domain/tenancy.ts";
import type { KeyView, ProjectView, TenantView } from "../../ports.ts";

export interface ObjectBody {
  readonly id: string;
  readonly [member: string]: unknown;
}

export function listBody(data: readonly ObjectBody[]): Buffer {
  return Buffer.from(
    JSON.stringify({ object: "list", data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: false }),
  );
}

/** Its law is shown as it was given; that of a tenant in a file stands in the file. */
export function tenantBody({ id, msp, name, defaultClass, limits, policy, home }: TenantView): ObjectBody {
  const law = home === "file" ? {} : { policy: policy?.rules ?? null, uses: policy?.uses ?? null };
  return { id, object: "organization", msp, name, default_class: defaultClass, limits: limitsBody(limits), ...law, home };
}

export function projectBody({ id, tenant, name, limits, home }: ProjectView): ObjectBody {
  return { id, object: "organization.project", tenant, name, limits: limitsBody(limits), home };
}

/** null: no limit at this level. */
export function limitsBody({ requestsPerMinute, tokensPerMinute, concurrency, budgetPerMonth }: Limits): Readonly<Record<string, unknown>> {
  return {
    requests_per_minute: requestsPerMinute ?? null,
    tokens_per_minute: tokensPerMinute ?? null,
    concurrency: concurrency ?? null,
    budget_per_month: budgetPerMonth === undefined ? null : decimalText(budgetPerMonth),
  };
}

/** "250", "0.25": as the configuration file takes it. */
function decimalText(amount: MicroUnits): string {
  const digits = String(amount).padStart(7, "0");
  return `${digits.slice(0, -6)}.${digits.slice(-6)}`.replace(/\.?0+$/, "");
}

/** Times are unix seconds as in OpenAI's objects; the value of a key is never among them. */
export function keyBody(key: KeyView): ObjectBody {
  return {
    id: key.id,
    object: "organization.project.api_key",
    name: key.name,
    redacted_value: `sk-***${key.hint}`,
    project: key.project,
    tenant: key.tenant,
    msp: key.msp,
    created_at: seconds(key.createdAtMs),
    expires_at: seconds(key.expiresAtMs),
    revoked_at: seconds(key.revokedAtMs),
    models: key.models ?? null,
    cidrs: key.cidrs ?? null,
    limits: limitsBody(key.limits),
    home: key.home,
  };
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.floor(ms / 1000);
}
