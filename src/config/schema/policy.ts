/** Where policies stand in the file. Their language belongs to policies/; here only shape and subject are judged. */
import { z } from "zod";
import { LEVELS } from "../../domain/law.ts";
import { idText } from "./scalars.ts";

export const DECLARED_LEVELS = LEVELS.filter((level) => level !== "request");

const anyMapping = z.record(z.string(), z.unknown());

/** The short form: rules alone; level, subject and the rest of the document follow from the place. */
export const policyRules = z.array(anyMapping).min(1).optional();

export const uses = z
  .strictObject({
    sets: z.string().min(1).optional().describe("Release of the sets of countries (@EU, @EEA, …), in quotes."),
    certs: z.string().min(1).optional().describe("Release of the certificate codes, in quotes."),
  })
  .optional();

export const policies = z
  .array(
    z.strictObject({
      level: z.enum(DECLARED_LEVELS).describe("Level at which the policy binds."),
      subject: idText.optional().describe("Id of the operator, MSP, tenant, project or key it binds; left out for the platform."),
      file: z.string().min(1).optional().describe("YAML file with the document, relative to this file. Either this or `document`."),
      document: anyMapping.optional().describe("The document itself, in the policy language (apiVersion sovereignty/v1)."),
    }),
  )
  .max(100_000)
  .default([])
  .describe("Whole policy documents. Platform, operator, MSP and tenant each need a policy with a matching rule, or everything is denied.");
