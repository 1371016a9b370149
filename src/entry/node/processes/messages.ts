/** What the parent and its processes say to each other, by kind. Checked as it comes: what is not understood is refused, not guessed. */
import { z } from "zod";
import { CAPABILITIES } from "../../../domain/fleet.ts";
import { mspId, requestId, tenantId } from "../../../domain/ids.ts";

const count = z.number().int().min(0);
const position = z.object({ segment: count, offset: count });
const address = z.object({ host: z.string(), port: count, msp: z.string().transform(mspId).optional() });

/** parent -> process: everything that it needs to begin. Answered with `listening` when it serves. */
export const start = z.object({
  lane: count,
  /** How many there are in all. */
  processes: count,
  /** The configuration and where it came from. */
  file: z.string(),
  text: z.string(),
  listen: z.array(address),
  segment: count,
  oldest: count,
  /** The same for all, or prompts would be cached once for each. */
  cacheSecret: z.string(),
});
export type Start = z.input<typeof start>;

/** process -> parent, twice a second and before usage is read: how far its journal is written. */
export const beat = position;
/** parent -> process: the lowest segment that still exists. */
export const release = z.object({ oldest: count });

/** process -> parent. */
export const wants = z.array(
  z.object({
    name: z.string(),
    limit: z.number(),
    need: z.number(),
    want: z.number(),
    over: z.number(),
    held: z.number(),
    waitMs: z.number().optional(),
  }),
);
export const grants = z.array(z.object({ amount: z.number(), left: z.number(), waitMs: z.number().optional() }));
/** parent -> process. */
export const recalls = z.array(z.object({ name: z.string(), need: z.number() }));
export const returns = z.array(z.object({ name: z.string(), freed: z.number(), held: z.number(), waitMs: z.number().optional() }));

/** process -> parent: an Idempotency-Key, and its end. */
export const wanted = z.object({ name: z.string(), bodyHash: z.string(), request: z.string().transform(requestId) });
export const verdict = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("yours") }),
  z.object({ kind: z.literal("reused") }),
  z.object({ kind: z.literal("completed"), request: z.string().transform(requestId) }),
]);
export const slotEnd = z.object({ request: z.string().transform(requestId), carriedOut: z.boolean() });

/** process -> parent. */
const names = z
  .array(z.string())
  .optional()
  .transform((list) => list);
export const usageQuery = z
  .object({
    tenant: z.string().transform(tenantId),
    startMs: z.number(),
    endMs: z.number(),
    bucketMs: z.number(),
    projects: names,
    keys: names,
    models: names,
    groupBy: z.array(z.enum(["project_id", "api_key_id", "model"])),
    capability: z.enum(CAPABILITIES).optional(),
  })
  .transform(({ projects, keys, models, capability, ...rest }) => ({ ...rest, projects, keys, models, capability }));
const row = z.object({
  bucketStartMs: z.number(),
  projectId: z.string().optional(),
  keyId: z.string().optional(),
  model: z.string().optional(),
  promptTokens: z.number(),
  cachedTokens: z.number(),
  completionTokens: z.number(),
  requests: z.number(),
  amount: z.number(),
  currency: z.string(),
});
export const usageRows = z.array(row.transform(({ projectId, keyId, model, ...rest }) => ({ ...rest, projectId, keyId, model })));

/** parent -> process: the configuration has changed. */
export const adopt = z.object({ text: z.string() });
