/** What operators own, as the file says it: operators, sites, models, backends. */
import { z } from "zod";
import { BOUNDS } from "../../bounds.ts";
import { CAPABILITIES, ENGINES, GUIDE_NAMES, RESPONSES, TOOL_FORMATS, TRITON_KINDS } from "../../domain/fleet.ts";
import { certificates, countriesFact, countryFact, facts } from "./facts.ts";
import { policyRules } from "./policy.ts";
import { amount, baseUrl, countFromOne, idText, label, modelName, secret, subdivision } from "./scalars.ts";

const operator = z.strictObject({
  name: label.optional().describe("Name for people. Default: the id."),
  country: countryFact.optional().describe("Country of the legal entity; becomes the fact operator.country of its backends."),
  parents: countriesFact
    .optional()
    .describe("Countries of all controlling entities up to the ultimate parent, its own included; becomes operator.parents."),
  facts,
  certificates,
  policy: policyRules.describe("Rules at operator level (short form of `policies`): who may use its backends."),
});

const site = z.strictObject({
  operator: idText.optional().describe("Operator of the site. May be left out when only one is declared."),
  country: countryFact.optional().describe("Country where the machines stand; becomes the fact location.country of its backends."),
  subdivision: subdivision.optional().describe("ISO 3166-2 code of the place, for people: rules ask for the country."),
  facts,
  certificates,
});

const model = z.strictObject({
  context_tokens_max: countFromOne.max(100_000_000).describe("Prompt and completion together, in tokens."),
  completion_tokens_max: countFromOne
    .max(BOUNDS.completionTokensMax)
    .optional()
    .describe("One completion at most, in tokens. Default: whatever the context leaves."),
  capabilities: z.array(z.enum(CAPABILITIES)).min(1).default(["chat", "completions", "tokenize"]).describe("What may be asked of it."),
});

const TEMPLATE = "a chat template is its Jinja source as text, or {source|file, bos_token, eos_token}";

const chatTemplate = z.union(
  [
    z.string().min(1),
    z.strictObject({
      source: z.string().min(1).optional().describe("Jinja source. Either this or `file`."),
      file: z
        .string()
        .min(1)
        .optional()
        .describe("File with the Jinja source, or a model's tokenizer_config.json with its tokens, relative to this file."),
      bos_token: z
        .string()
        .optional()
        .describe("Text of the token that begins a sequence. Default: what tokenizer_config.json says, else none."),
      eos_token: z.string().optional().describe("Text of the token that ends a turn. Default: what tokenizer_config.json says, else none."),
    }),
  ],
  TEMPLATE,
);

const tritonModel = z.strictObject({
  kind: z
    .enum(TRITON_KINDS)
    .optional()
    .describe("Kind of model. Default: what its tensors show; state it where its configuration may not be read."),
  accumulates: z
    .boolean()
    .optional()
    .describe("Each frame holds the whole text so far. Default: what the model's own configuration says (`accumulate_tokens`)."),
  echoes: z.boolean().default(false).describe("Answers begin with the prompt although the model is asked to leave it out."),
  adds_bos: z.boolean().default(true).describe("The engine's tokenizer puts the begin token in front, so the template's own is left out."),
  tool_calls: z.enum(TOOL_FORMATS).optional().describe("How the model writes calls of tools. Default: what its chat template shows."),
  structured_output: z
    .enum(GUIDE_NAMES)
    .default("structured_outputs")
    .describe(
      "Name of the sampling parameter for JSON schemas in the vLLM backend: `guided_decoding` before vLLM 0.11; `none` refuses them.",
    ),
  special_tokens: z
    .array(z.string().min(2).max(BOUNDS.modelNameBytesMax))
    .max(BOUNDS.specialTokensMax)
    .default([])
    .describe("More texts that the tokenizer reads as marks; callers cannot write them. Those of the chat template are known."),
});

const wholesalePrice = z.strictObject({
  input: amount.describe("Per million prompt tokens, a decimal in quotes."),
  output: amount.describe("Per million completion tokens, a decimal in quotes."),
});

const servedModel = z.union([
  z.string().min(1).max(BOUNDS.modelNameBytesMax),
  z.strictObject({
    served_name: z
      .string()
      .min(1)
      .max(BOUNDS.modelNameBytesMax)
      .optional()
      .describe("Name the engine answers to. Default: the model's id."),
    chat_template: chatTemplate
      .optional()
      .describe("Only for engines without chat of their own (Triton): Jinja source, or {source|file, bos_token, eos_token}."),
    wholesale_price: wholesalePrice
      .optional()
      .describe(
        "What the operator asks, in one currency for all backends of the file: compared by routing, never charged. Default: not told.",
      ),
    triton: tritonModel.optional().describe("Only for `engine: triton`: what cannot be seen of the model."),
  }),
]);

const backend = z.strictObject({
  site: idText.optional().describe("Site it stands at. May be left out when only one is declared."),
  engine: z.enum(ENGINES).describe("Engine that answers there."),
  base_url: baseUrl.describe("Where it answers: http(s)://host[:port][/prefix], without /v1."),
  credential: secret.optional().describe("Sent to the engine as a bearer token: {env: NAME} or {file: PATH}."),
  models: z
    .record(modelName, servedModel)
    .describe("Models it serves, by id: {} or {served_name, chat_template}, or the served name alone."),
  facts,
  certificates,
  weight: z.number().gt(0).max(1_000_000).default(1).describe("Relative share under equal load."),
  concurrency: countFromOne.max(1_000_000).default(256).describe("Requests in flight at most."),
  responses: z
    .enum(RESPONSES)
    .optional()
    .describe(
      "Who speaks the Responses API here: `engine` passes it straight through, `chat` has the gateway translate it. Default: engine for vllm, chat for all others.",
    ),
});

/** This cell: it stands at a site, and its facts are judged like a backend's. */
export const self = z.strictObject({
  site: idText.optional().describe("Site this gateway runs at; its facts and its operator's are inherited."),
  facts,
  certificates,
});

export const operators = z.record(idText, operator).default({}).describe("Legal entities that run machines, by id.");
export const sites = z.record(idText, site).default({}).describe("Places with machines, by id.");
export const models = z.record(modelName, model).default({}).describe("Models, by the id used in this file.");
export const backends = z.record(idText, backend).default({}).describe("Engine endpoints, by id.");

export type ServedModelFormat = z.output<typeof servedModel>;
export type BackendFormat = z.output<typeof backend>;
