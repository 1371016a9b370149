/** The administration's request bodies, judged as strictly as the configuration file, whose names for things they share. */
import { z } from "zod";
import { BOUNDS } from "../../bounds.ts";
import { microUnits } from "../../config/decimal.ts";
import { amount, count } from "../../config/schema/scalars.ts";
import type { Limits } from "../../domain/tenancy.ts";
import { Fault } from "../../faults.ts";
import type { Arrival, TenantPolicy } from "../../ports.ts";

/** What is a good id the directory says; here only that it is none without end. */
const id = z.string().min(1).max(200);
const name = z.string().min(1).max(200);
const texts = z.array(z.string()).min(1).optional();

const limits = z
  .strictObject({
    requests_per_minute: count.optional(),
    tokens_per_minute: count.optional(),
    concurrency: count.optional(),
    budget_per_month: amount.optional(),
  })
  .transform((given): Limits => ({
    requestsPerMinute: given.requests_per_minute,
    tokensPerMinute: given.tokens_per_minute,
    concurrency: given.concurrency,
    budgetPerMonth: given.budget_per_month === undefined ? undefined : microUnits(given.budget_per_month),
  }));

/** The short form of a policy document: rules, and beside them what they use. Their language is judged by the law itself. */
const rules = z.array(z.unknown());
const uses = z.record(z.string(), z.unknown());

export const newTenant = z
  .strictObject({
    id,
    msp: id,
    name,
    default_class: z.string(),
    limits: limits.optional(),
    policy: rules.optional(),
    uses: uses.optional(),
  })
  .refine((given) => given.uses === undefined || given.policy !== undefined, { path: ["uses"], error: "uses belongs to a policy" });
export const newPolicy = z.strictObject({ policy: rules, uses: uses.optional() });
export const newProject = z.strictObject({ id, tenant: id, name, limits: limits.optional() });
export const newKey = z.strictObject({
  project: id,
  name,
  expires_at: z.iso.datetime({ offset: true }).optional(),
  models: texts,
  cidrs: texts,
  explain: z.boolean().default(false),
  limits: limits.optional(),
});
/** All four at once: what is left out is without limit from now on. */
export const newLimits = limits;

export function policyOf(given: z.output<typeof newPolicy>): TenantPolicy {
  return { rules: given.policy, uses: given.uses };
}

/** @throws Fault invalid_json, body_too_large; invalid_value naming everything that is wrong, `param` the first of it */
export async function parse<T>(arrival: Arrival, schema: z.ZodType<T>): Promise<T> {
  const result = schema.safeParse(json(await arrival.body(BOUNDS.policyDocumentBytesMax)));
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, BOUNDS.adminProblemsMax).map(({ path, message }) => ({ path: path.join("."), message }));
  const text = issues.map(({ path, message }) => (path === "" ? message : `${path}: ${message}`)).join("; ");
  throw new Fault("invalid_value", { param: issues[0]?.path ?? "", text });
}

function json(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw new Fault("invalid_json");
  }
}
