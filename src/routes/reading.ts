/** The routes that only read: health, models, and a project's own usage and costs. */
import { BOUNDS } from "../bounds.ts";
import type { Alias, Principal } from "../domain/tenancy.ts";
import { Fault } from "../faults.ts";
import { modelBody, modelsBody } from "../openai/models.ts";
import { costsBody, parseUsageQuery, usageBody } from "../openai/usage-page.ts";
import type { Arrival } from "../ports.ts";
import { authenticate } from "../stages/authenticate.ts";
import { ingress } from "../stages/ingress.ts";
import { resolve } from "../stages/read.ts";
import { answerJson, answerText, type Visit, type VisitHandler } from "./handler.ts";
import type { Facilities } from "./facilities.ts";

export interface Reading {
  readonly path: string;
  readonly handle: VisitHandler;
}

export const READING: readonly Reading[] = [
  { path: "/healthz", handle: alive },
  { path: "/readyz", handle: ready },
  { path: "/v1/models", handle: listModels },
  { path: "/v1/models/:model{.+}", handle: oneModel },
  { path: "/v1/organization/usage/completions", handle: usage },
  { path: "/v1/organization/costs", handle: costs },
];

function alive({ exit }: Arrival, visit: Visit): void {
  answerText(exit, visit, { status: 200, text: "ok\n" });
}

function ready({ exit }: Arrival, visit: Visit, facilities: Facilities): void {
  answerText(exit, visit, facilities.ready() ? { status: 200, text: "ready\n" } : { status: 503, text: "not ready\n" });
}

/** @throws Fault rate_limit_requests: what only reads is in no window of the gate, so the door counts it */
async function who(arrival: Arrival, visit: Visit, { world }: Facilities): Promise<Principal> {
  const principal = (visit.principal = authenticate(arrival, ingress(arrival, visit.request, world), world));
  if ((await world.door?.reading(principal.key.id)) === false)
    throw new Fault("rate_limit_requests", { text: "Limit reached for this API key: reads per minute.", retryAfterMs: BOUNDS.windowMs });
  return principal;
}

async function listModels(arrival: Arrival, visit: Visit, facilities: Facilities): Promise<void> {
  const principal = await who(arrival, visit, facilities);
  const aliases = [...principal.msp.aliases.values()].filter((alias) => resolve(alias.name, principal) !== undefined);
  answerJson(arrival.exit, visit.request, modelsBody(aliases, dialectOf(arrival)));
}

async function oneModel(arrival: Arrival, visit: Visit, facilities: Facilities): Promise<void> {
  const principal = await who(arrival, visit, facilities);
  const name = nameIn(arrival.path);
  const alias = name.length <= BOUNDS.modelNameBytesMax ? resolve(name, principal) : undefined;
  if (alias === undefined) throw noSuchModel(name);
  answerJson(arrival.exit, visit.request, modelBody(alias, dialectOf(arrival)));
}

/** Model names may contain "/", raw or as %2F. */
function nameIn(path: string): Alias["name"] {
  try {
    return decodeURIComponent(path.slice("/v1/models/".length));
  } catch {
    throw new Fault("model_not_found", { param: "model" });
  }
}

function noSuchModel(name: string): Fault {
  const shown = name.replace(/[^\x20-\x7e]/g, "?").slice(0, 100);
  return new Fault("model_not_found", { param: "model", text: `The model \`${shown}\` does not exist or you do not have access to it.` });
}

function dialectOf(arrival: Arrival): "openai" | "anthropic" {
  return arrival.header("anthropic-version") === undefined ? "openai" : "anthropic";
}

/** A key sees the usage of its own project; the whole organization's is on the admin address. */
async function usage(arrival: Arrival, visit: Visit, facilities: Facilities): Promise<void> {
  const principal = await who(arrival, visit, facilities);
  const page = parseUsageQuery(arrival.query, {
    tenant: principal.tenant.id,
    projects: [principal.project.id],
    endpoint: "usage",
    nowMs: facilities.world.clock.nowMs(),
  });
  answerJson(arrival.exit, visit.request, usageBody(page, await facilities.ledger.usage(page.query)));
}

async function costs(arrival: Arrival, visit: Visit, facilities: Facilities): Promise<void> {
  const principal = await who(arrival, visit, facilities);
  const page = parseUsageQuery(arrival.query, {
    tenant: principal.tenant.id,
    projects: [principal.project.id],
    endpoint: "costs",
    nowMs: facilities.world.clock.nowMs(),
  });
  answerJson(arrival.exit, visit.request, costsBody(page, await facilities.ledger.usage(page.query)));
}
