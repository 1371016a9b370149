/** Tenants, projects and keys over the admin API: made, listed, limited, revoked, and a tenant's law replaced. */
import { projectId, type RequestId } from "../../domain/ids.ts";
import type { Arrival, DirectoryAdmin } from "../../ports.ts";
import { answerJson, type Visit, type VisitHandler } from "../handler.ts";
import type { Facilities } from "../facilities.ts";
import { keyBody, limitsBody, listBody, projectBody, tenantBody, type ObjectBody } from "./bodies.ts";
import { newKey, newLimits, newPolicy, newProject, newTenant, parse, policyOf } from "./inputs.ts";

export function listTenants({ exit }: Arrival, { request }: Visit, { admin }: Facilities): void {
  answerJson(exit, request, listBody(admin.listTenants().map(tenantBody)));
}

export async function createTenant(arrival: Arrival, { request }: Visit, { admin }: Facilities): Promise<void> {
  const { id, msp, name, default_class: defaultClass, limits, policy, uses } = await parse(arrival, newTenant);
  const law = policy === undefined ? {} : { policy: policyOf({ policy, uses }) };
  const created = admin.createTenant({ id, msp, name, defaultClass, ...(limits === undefined ? {} : { limits }), ...law });
  answerObject(arrival, request, found(admin.listTenants().map(tenantBody), created));
}

export async function setPolicy(arrival: Arrival, { request }: Visit, { admin }: Facilities): Promise<void> {
  const id = idIn(arrival);
  admin.setTenantPolicy(id, policyOf(await parse(arrival, newPolicy)));
  answerObject(arrival, request, found(admin.listTenants().map(tenantBody), id));
}

export function listProjects({ exit, query }: Arrival, { request }: Visit, { admin }: Facilities): void {
  answerJson(exit, request, listBody(admin.listProjects(query.get("tenant") ?? undefined).map(projectBody)));
}

export async function createProject(arrival: Arrival, { request }: Visit, { admin }: Facilities): Promise<void> {
  const { id, tenant, name, limits } = await parse(arrival, newProject);
  const created = admin.createProject({ id, tenant, name, ...(limits === undefined ? {} : { limits }) });
  answerObject(arrival, request, found(admin.listProjects(tenant).map(projectBody), created));
}

export function listKeys({ exit, query }: Arrival, { request }: Visit, { admin }: Facilities): void {
  answerJson(exit, request, listBody(admin.listKeys(query.get("project") ?? undefined).map(keyBody)));
}

export async function createKey(arrival: Arrival, { request }: Visit, { admin }: Facilities): Promise<void> {
  const { project, name, expires_at: expiresAt, models, cidrs, explain, limits } = await parse(arrival, newKey);
  const expiresAtMs = expiresAt === undefined ? undefined : Date.parse(expiresAt);
  const given = { project: projectId(project), name, expiresAtMs, models, cidrs, explain };
  const { key, secret } = admin.createKey({ ...given, ...(limits === undefined ? {} : { limits }) });
  answerObject(arrival, request, { ...keyBody(key), value: secret });
}

export function revokeKey(arrival: Arrival, { request }: Visit, { admin }: Facilities): void {
  answerObject(arrival, request, keyBody(admin.revokeKey(idIn(arrival))));
}

/** Replaces the limits of an object of this kind. */
export function setLimits(of: Parameters<DirectoryAdmin["setLimits"]>[0]): VisitHandler {
  return async (arrival, { request }, { admin }) => {
    const id = idIn(arrival);
    const limits = await parse(arrival, newLimits);
    admin.setLimits(of, id, limits);
    answerObject(arrival, request, { id, limits: limitsBody(limits) });
  };
}

function found(list: readonly ObjectBody[], wanted: string): ObjectBody {
  const object = list.find(({ id }) => id === wanted);
  if (object === undefined) throw new Error(`${wanted} was stored and is not there`);
  return object;
}

/** "/admin/tenants/acme/policy" is about acme; an id has no character that a path would escape. */
function idIn({ path }: Arrival): string {
  return path.split("/")[3] ?? "";
}

function answerObject({ exit }: Arrival, request: RequestId, body: ObjectBody): void {
  answerJson(exit, request, Buffer.from(JSON.stringify(body)), ["cache-control", "no-store"]);
}
