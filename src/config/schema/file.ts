/** The whole of bailiwick.yaml. Unknown fields are errors everywhere; every field describes itself for editors and the reference. */
import { z } from "zod";
import { backends, models, operators, self, sites } from "./fleet.ts";
import { policies, policyRules, uses } from "./policy.ts";
import { cells, routing, server } from "./server.ts";
import { telemetry } from "./telemetry.ts";
import { keys, msps, projects, tenants } from "./tenancy.ts";

export const fileFormat = z.strictObject({
  server: server.prefault({}).describe("The process: addresses, storage, logging."),
  self: self.prefault({}).describe("Facts of this cell. Rules bind the gateway as they bind a backend, so it needs the same facts."),
  operators,
  sites,
  models,
  backends,
  msps,
  tenants,
  projects,
  keys,
  policy: policyRules.describe("Rules at platform level (short form of `policies`): they bind everybody."),
  uses: uses.describe(
    "Releases that short-form rules are written against: a set never changes under a rule. Whole documents pin their own.",
  ),
  policies,
  routing: routing.prefault({}).describe("How the best of the permitted backends is chosen."),
  cells,
  telemetry: telemetry.prefault({}).describe("What leaves the cell about its requests, besides the log and `/metrics`."),
});

export type FileFormat = z.output<typeof fileFormat>;
