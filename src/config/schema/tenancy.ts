/** Who resells and who asks, as the file says it: MSPs, tenants, projects, keys, and limits at each level. */
import { z } from "zod";
import { BOUNDS } from "../../bounds.ts";
import { policyRules } from "./policy.ts";
import { amount, cidr, count, currency, hostName, idText, instant, keyHash, label, modelName, webUrl } from "./scalars.ts";

const limits = z
  .strictObject({
    requests_per_minute: count.optional().describe("Requests per sliding minute. Absent: no limit here; 0 refuses everything."),
    tokens_per_minute: count.optional().describe("Prompt and completion tokens per sliding minute. Absent: no limit here."),
    concurrency: count.optional().describe("Requests in flight. Absent: no limit here."),
    budget_per_month: amount
      .optional()
      .describe("Money per calendar month (UTC), a decimal in quotes in the MSP's currency. Absent: no limit here."),
  })
  .prefault({})
  .describe("Limits at this level; those above it hold as well.");

const brand = z.strictObject({
  name: label.optional().describe("Name callers see. Default: the id."),
  support_url: webUrl.optional().describe("Where a person gets help; shown in the texts of 401, 403, 429 and 5xx."),
  diagnostics: z.boolean().default(false).describe("Whether answers may carry routing diagnostics headers."),
});

const price = z.strictObject({
  input: amount.describe("Per million prompt tokens, a decimal in quotes."),
  cached_input: amount.optional().describe("Per million prompt tokens found in the engine's cache. Default: as input."),
  output: amount.describe("Per million completion tokens, a decimal in quotes."),
});

const alias = z.strictObject({
  model: modelName.describe("Id of the model that is sold under this name."),
  owned_by: label.optional().describe("Shown as `owned_by`. Default: the MSP's id."),
  created: instant.optional().describe("Shown as `created`. Default: 1970-01-01T00:00:00Z."),
  price: price.describe("Price per million tokens in the price book's currency."),
});

const priceBook = z.strictObject({
  version: z
    .string({ error: "a price book's version is text: put it in quotes" })
    .min(1)
    .max(64)
    .describe("Written into every settlement that it priced; change it with the prices."),
  currency: currency.describe("ISO 4217 code of every price and budget of this MSP."),
});

const msp = z.strictObject({
  hosts: z
    .array(hostName)
    .max(1_000)
    .default([])
    .describe("Host headers that reach this MSP: lower-case name, or name:port. May be empty when a listening address names the MSP."),
  brand: brand.prefault({}).describe("How it appears to callers."),
  price_book: priceBook.describe("Version and currency of its prices."),
  aliases: z.record(modelName, alias).default({}).describe("Models it sells, by the name callers use."),
  limits,
  policy: policyRules.describe("Rules at MSP level (short form of `policies`)."),
});

const tenant = z.strictObject({
  msp: idText.optional().describe("MSP it buys from. May be left out when only one is declared."),
  name: label.optional().describe("Name for people. Default: the id."),
  default_class: idText
    .default("secret")
    .describe("Class of a request that does not say: public, internal, confidential, restricted, secret. The default is the strictest."),
  limits,
  policy: policyRules.describe("Rules at tenant level (short form of `policies`)."),
});

const project = z.strictObject({
  tenant: idText.optional().describe("Tenant it belongs to. May be left out when only one is declared."),
  name: label.optional().describe("Name for people. Default: the id."),
  limits,
  policy: policyRules.describe("Rules at project level (short form of `policies`)."),
});

const key = z.strictObject({
  project: idText.optional().describe("Project it belongs to. May be left out when only one is declared."),
  name: label.optional().describe("Name for people. Default: the id."),
  hash: keyHash.describe("SHA-256 of the secret as sha256:<64 hex digits or 43 base64url characters>; never the secret."),
  hint: z.string().max(8).default("").describe("Last four characters of the secret, for people to recognise it."),
  created: instant.optional().describe("UTC instant. Default: 1970-01-01T00:00:00Z."),
  expires: instant.optional().describe("UTC instant from which it is refused. Default: never."),
  revoked: instant.optional().describe("UTC instant from which it is refused. Default: never."),
  models: z.array(modelName).max(BOUNDS.modelsPerKeyMax).optional().describe("Aliases it may use. Default: every model of the MSP."),
  cidrs: z.array(cidr).max(BOUNDS.cidrsPerKeyMax).optional().describe("Address ranges it may be used from. Default: anywhere."),
  explain: z
    .boolean()
    .default(false)
    .describe(
      "Whether its answers may tell more, where the brand has diagnostics on: routing headers, and in a refusal each exclusion by place, level and reason.",
    ),
  limits,
  policy: policyRules.describe("Rules at key level (short form of `policies`)."),
});

export const msps = z.record(idText, msp).default({}).describe("Resellers, by id.");
export const tenants = z.record(idText, tenant).default({}).describe("Customers of MSPs, by id. More can be made over the admin API.");
export const projects = z.record(idText, project).default({}).describe("Parts of a tenant, by id.");
export const keys = z.record(idText, key).default({}).describe("API keys by id, as hashes only.");

export type LimitsFormat = z.output<typeof limits>;
export type MspFormat = z.output<typeof msp>;
export type KeyFormat = z.output<typeof key>;
export type PriceFormat = z.output<typeof price>;
