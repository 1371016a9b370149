/** What a client is pointed at: a base URL with keys and models, and what that place cannot do. Any lane may name one of its own. */
import { readFileSync } from "node:fs";
import { z } from "zod";

/** What a target may lack; each check names what it needs, and is skipped where that is missing. */
const CAPABILITIES = [
  /** Simulated engines, which do what a prompt orders: [[say:TEXT]], [[tokens:N]], [[fail:KIND]]. */
  "directives",
  "tools",
  /** response_format: json_schema and json_object. */
  "structured",
  "embeddings",
  "completions",
  "logprobs",
  /** Several choices of one prompt. */
  "n",
  /** POST /v1/responses. */
  "responses",
  /** GET /v1/organization/usage/completions and /v1/organization/costs. */
  "usage",
  /** A key whose rules permit no place. */
  "lawless",
  /** A key without budget. */
  "broke",
  /** A key that may have one request at a time. */
  "paced",
] as const;

const target = z.strictObject({
  /** Shown in reports. */
  name: z.string().min(1),
  /** Ends with /v1. */
  baseUrl: z.string().regex(/^http:\/\/.*\/v1$/),
  key: z.string().min(1),
  models: z.strictObject({ chat: z.string(), embedding: z.string().optional() }),
  keys: z.strictObject({ lawless: z.string().optional(), broke: z.string().optional(), paced: z.string().optional() }).default({}),
  without: z.array(z.enum(CAPABILITIES)).default([]),
});

export type Target = z.output<typeof target>;

/** Checks it, and derives what is missing from what was not given. @throws ZodError */
export function targetOf(given: z.input<typeof target>): Target {
  const known = target.parse(given);
  const without = new Set(known.without);
  if (known.models.embedding === undefined) without.add("embeddings");
  for (const kind of ["lawless", "broke", "paced"] as const) if (known.keys[kind] === undefined) without.add(kind);
  return { ...known, without: CAPABILITIES.filter((capability) => without.has(capability)) };
}

/** The target that the surroundings name in CONFORMANCE_TARGET, as JSON or as the path of a file with it; undefined: none. */
export function targetFrom(env: NodeJS.ProcessEnv): Target | undefined {
  const named = env["CONFORMANCE_TARGET"];
  if (named === undefined || named === "") return undefined;
  const given: z.input<typeof target> = JSON.parse(named.trimStart().startsWith("{") ? named : readFileSync(named, "utf8"));
  return targetOf(given);
}
