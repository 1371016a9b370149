/** The administration as data: method, path, whether the admin secret is asked for, and what is done. */
import { Fault } from "../../faults.ts";
import { costsBody, parseUsageQuery, usageBody } from "../../openai/usage-page.ts";
import type { Arrival } from "../../ports.ts";
import { tenantId } from "../../domain/ids.ts";
import { answerJson, answerText, type Visit, type VisitHandler } from "../handler.ts";
import type { Facilities } from "../facilities.ts";
import { createKey, createProject, createTenant, listKeys, listProjects, listTenants, revokeKey, setLimits, setPolicy } from "./objects.ts";

export interface AdminRoute {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly secret: boolean;
  readonly handle: VisitHandler;
}

export const ADMIN: readonly AdminRoute[] = [
  { method: "GET", path: "/healthz", secret: false, handle: ({ exit }, visit) => answerText(exit, visit, { status: 200, text: "ok\n" }) },
  {
    method: "GET",
    path: "/readyz",
    secret: false,
    handle: ({ exit }, visit, facilities) =>
      answerText(exit, visit, facilities.ready() ? { status: 200, text: "ready\n" } : { status: 503, text: "not ready\n" }),
  },
  { method: "GET", path: "/metrics", secret: false, handle: metrics },
  { method: "GET", path: "/admin/tenants", secret: true, handle: listTenants },
  { method: "POST", path: "/admin/tenants", secret: true, handle: createTenant },
  { method: "PUT", path: "/admin/tenants/:id/policy", secret: true, handle: setPolicy },
  { method: "PUT", path: "/admin/tenants/:id/limits", secret: true, handle: setLimits("tenant") },
  { method: "GET", path: "/admin/projects", secret: true, handle: listProjects },
  { method: "POST", path: "/admin/projects", secret: true, handle: createProject },
  { method: "PUT", path: "/admin/projects/:id/limits", secret: true, handle: setLimits("project") },
  { method: "GET", path: "/admin/keys", secret: true, handle: listKeys },
  { method: "POST", path: "/admin/keys", secret: true, handle: createKey },
  { method: "PUT", path: "/admin/keys/:id/limits", secret: true, handle: setLimits("key") },
  { method: "DELETE", path: "/admin/keys/:id", secret: true, handle: revokeKey },
  { method: "GET", path: "/v1/organization/usage/completions", secret: true, handle: usage },
  { method: "GET", path: "/v1/organization/costs", secret: true, handle: costs },
];

async function metrics({ exit }: Arrival, _: Visit, facilities: Facilities): Promise<void> {
  const body = await facilities.metrics();
  exit.head(200, ["content-type", "text/plain; version=0.0.4; charset=utf-8"]);
  exit.end(Buffer.from(body));
}

async function usage(arrival: Arrival, { request }: Visit, facilities: Facilities): Promise<void> {
  const page = pageOf(arrival, facilities, "usage");
  answerJson(arrival.exit, request, usageBody(page, await facilities.ledger.usage(page.query)));
}

async function costs(arrival: Arrival, { request }: Visit, facilities: Facilities): Promise<void> {
  const page = pageOf(arrival, facilities, "costs");
  answerJson(arrival.exit, request, costsBody(page, await facilities.ledger.usage(page.query)));
}

function pageOf(arrival: Arrival, facilities: Facilities, endpoint: "usage" | "costs"): ReturnType<typeof parseUsageQuery> {
  const { query } = arrival;
  const tenant = query.get("tenant");
  if (tenant === null) throw new Fault("missing_parameter", { param: "tenant", text: "Say whose usage: ?tenant=ID." });
  query.delete("tenant");
  return parseUsageQuery(query, { tenant: tenantId(tenant), projects: undefined, endpoint, nowMs: facilities.world.clock.nowMs() });
}
