/** The administration's answers, in OpenAI's list and object shapes. */
import type { DirectoryAdmin, KeyView } from "../../ports.ts";

type TenantView = ReturnType<DirectoryAdmin["listTenants"]>[number];
type ProjectView = ReturnType<DirectoryAdmin["listProjects"]>[number];

export interface KeyBody {
  readonly id: string;
  readonly [member: string]: unknown;
}

export function listBody(data: readonly { readonly id: string }[]): Buffer {
  return Buffer.from(JSON.stringify({ object: "list", data, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null, has_more: false }));
}

export function tenantBody({ id, msp, name, home }: TenantView): KeyBody {
  return { id, object: "organization", msp, name, home };
}

export function projectBody({ id, tenant, name, home }: ProjectView): KeyBody {
  return { id, object: "organization.project", tenant, name, home };
}

/** Times are unix seconds as in OpenAI's objects; the value of a key is never among them. */
export function keyBody(key: KeyView): KeyBody {
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
    home: key.home,
  };
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.floor(ms / 1000);
}
