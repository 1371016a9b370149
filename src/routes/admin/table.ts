/** The administration as data: method, path, whether the admin secret is asked for, and what is done. */
import { z } from "zod";
import { Fault } from "../../faults.ts";
import { costsBody, parseUsageQuery, usageBody } from "../../openai/usage-page.ts";
import type { Arrival } from "../../ports.ts";
import { projectId, tenantId, type RequestId } from "../../domain/ids.ts";
import { answerJson, type Handler } from "../handler.ts";
import type { Service } from "../service.ts";
import { keyBody, listBody, projectBody, tenantBody } from "./bodies.ts";

export interface AdminRoute {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly secret: boolean;
  readonly handle: Handler;
}

export const ADMIN: readonly AdminRoute[] = [
  { method: "GET", path: "/healthz", secret: false, handle: ({ exit }) => text(exit, 200, "ok\n") },
  { method: "GET", path: "/readyz", secret: false, handle: ({ exit }, _, service) => text(exit, service.ready() ? 200 : 503, service.ready() ? "ready\n" : "not ready\n") },
  { method: "GET", path: "/metrics", secret: false, handle: metrics },
  { method: "GET", path: "/admin/tenants", secret: true, handle: listTenants },
  { method: "POST", path: "/admin/tenants", secret: true, handle: createTenant },
  { method: "GET", path: "/admin/projects", secret: true, handle: listProjects },
  { method: "POST", path: "/admin/projects", secret: true, handle: createProject },
  { method: "GET", path: "/admin/keys", secret: true, handle: listKeys },
  { method: "POST", path: "/admin/keys", secret: true, handle: createKey },
  { method: "DELETE", path: "/admin/keys/:id", secret: true, handle: revokeKey },
  { method: "GET", path: "/v1/organization/usage/completions", secret: true, handle: usage },
  { method: "GET", path: "/v1/organization/costs", secret: true, handle: costs },
];

const BODY_BYTES_MAX = 64 * 1024;
const name = z.string().min(1).max(200);
const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, "an id is lower-case letters, digits and dashes");
const newTenant = z.strictObject({ id, msp: id, name, default_class: z.string() });
const newProject = z.strictObject({ id, tenant: id, name });
const newKey = z.strictObject({
  project: id,
  name,
  expires_at: z.iso.datetime({ offset: true }).optional(),
  models: z.array(z.string()).min(1).optional(),
  cidrs: z.array(z.string()).min(1).optional(),
  explain: z.boolean().default(false),
});

function text(exit: Arrival["exit"], status: number, body: string): void {
  exit.head(status, ["content-type", "text/plain; charset=utf-8", "cache-control", "no-store"]);
  exit.end(Buffer.from(body));
}

async function metrics({ exit }: Arrival, _request: RequestId, service: Service): Promise<void> {
  const body = await service.metrics();
  exit.head(200, ["content-type", "text/plain; version=0.0.4; charset=utf-8"]);
  exit.end(Buffer.from(body));
}

function listTenants({ exit }: Arrival, request: RequestId, { admin }: Service): void {
  answerJson(exit, request, listBody(admin.listTenants().map(tenantBody)));
}

async function createTenant(arrival: Arrival, request: RequestId, { admin }: Service): Promise<void> {
  const input = await parse(arrival, newTenant);
  const created = admin.createTenant({ id: input.id, msp: input.msp, name: input.name, defaultClass: input.default_class });
  answerJson(arrival.exit, request, encode(find(admin.listTenants().map(tenantBody), created)));
}

function listProjects({ exit, query }: Arrival, request: RequestId, { admin }: Service): void {
  answerJson(exit, request, listBody(admin.listProjects(query.get("tenant") ?? undefined).map(projectBody)));
}

async function createProject(arrival: Arrival, request: RequestId, { admin }: Service): Promise<void> {
  const created = admin.createProject(await parse(arrival, newProject));
  answerJson(arrival.exit, request, encode(find(admin.listProjects(undefined).map(projectBody), created)));
}

function listKeys({ exit, query }: Arrival, request: RequestId, { admin }: Service): void {
  answerJson(exit, request, listBody(admin.listKeys(query.get("project") ?? undefined).map(keyBody)));
}

async function createKey(arrival: Arrival, request: RequestId, { admin }: Service): Promise<void> {
  const input = await parse(arrival, newKey);
  const expiresAtMs = input.expires_at === undefined ? undefined : Date.parse(input.expires_at);
  const { key, secret } = admin.createKey({
    project: projectId(input.project),
    name: input.name,
    expiresAtMs,
    models: input.models,
    cidrs: input.cidrs,
    explain: input.explain,
  });
  answerJson(arrival.exit, request, encode({ ...keyBody(key), value: secret }), ["cache-control", "no-store"]);
}

function revokeKey(arrival: Arrival, request: RequestId, { admin }: Service): void {
  answerJson(arrival.exit, request, encode(keyBody(admin.revokeKey(arrival.path.slice("/admin/keys/".length)))));
}

async function usage(arrival: Arrival, request: RequestId, service: Service): Promise<void> {
  const page = pageOf(arrival, service, "usage");
  answerJson(arrival.exit, request, usageBody(page, await service.ledger.usage(page.query)));
}

async function costs(arrival: Arrival, request: RequestId, service: Service): Promise<void> {
  const page = pageOf(arrival, service, "costs");
  answerJson(arrival.exit, request, costsBody(page, await service.ledger.usage(page.query)));
}

function pageOf(arrival: Arrival, service: Service, endpoint: "usage" | "costs"): ReturnType<typeof parseUsageQuery> {
  const tenant = arrival.query.get("tenant");
  if (tenant === null) throw new Fault("missing_parameter", { param: "tenant", text: "Say whose usage: ?tenant=ID." });
  arrival.query.delete("tenant");
  return parseUsageQuery(arrival.query, { tenant: tenantId(tenant), projects: undefined, endpoint, nowMs: service.world.clock.nowMs() });
}

async function parse<T>(arrival: Arrival, schema: z.ZodType<T>): Promise<T> {
  const body = await arrival.body(BODY_BYTES_MAX);
  const result = schema.safeParse(json(body));
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  throw new Fault("invalid_value", { param: issue?.path.join(".") ?? "", text: issue?.message ?? "The body is not valid." });
}

function json(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new Fault("invalid_json");
  }
}

function encode(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function find<T extends { readonly id: string }>(list: readonly T[], wanted: string): T {
  const found = list.find((item) => item.id === wanted);
  if (found === undefined) throw new Error(`${wanted} was created and is not there`);
  return found;
}
