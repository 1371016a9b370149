/** Operators, sites, models and backends as the rest of the gateway knows them. */
import type { FactSheet } from "../../domain/facts.ts";
import type { Backend, Model, Operator, ServedModel, Site, TritonModel, WholesalePrice } from "../../domain/fleet.ts";
import { backendId, modelId, operatorId, siteId } from "../../domain/ids.ts";
import type { BackendId, ModelId, OperatorId, SiteId } from "../../domain/ids.ts";
import { microUnits } from "../decimal.ts";
import type { Outside } from "../outside.ts";
import { ownerOf } from "../owners.ts";
import { pathText } from "../path.ts";
import type { FileFormat } from "../schema/file.ts";
import type { BackendFormat, ServedModelFormat } from "../schema/fleet.ts";
import { chatTemplate } from "./chat-template.ts";
import { factSheet, factsOfPlace } from "./facts.ts";

export interface FleetPart {
  readonly operators: ReadonlyMap<OperatorId, Operator>;
  readonly sites: ReadonlyMap<SiteId, Site>;
  readonly models: ReadonlyMap<ModelId, Model>;
  readonly backends: ReadonlyMap<BackendId, Backend>;
  readonly self: FactSheet;
}

export function buildFleet(file: FileFormat, outside: Outside): FleetPart {
  const models = buildModels(file);
  const sites = new Map<SiteId, Site>();
  const places = new Map<string, FactSheet>();
  for (const id of Object.keys(file.sites)) {
    const operator = owner(file, "sites", id);
    sites.set(siteId(id), { id: siteId(id), operator: operatorId(operator) });
    places.set(id, factsOfPlace(file, id, operator));
  }
  const nowhere: FactSheet = { facts: new Map(), certificates: [] };
  const placeOf = (site: string | undefined): FactSheet => (site === undefined ? undefined : places.get(site)) ?? nowhere;
  const backends = new Map<BackendId, Backend>();
  for (const [id, given] of Object.entries(file.backends)) {
    const site = owner(file, "backends", id);
    const operator = owner(file, "sites", site);
    const served = servedModels(id, given, { models, outside });
    backends.set(backendId(id), {
      ...bareBackend(id, given, outside),
      site: siteId(site),
      operator: operatorId(operator),
      models: served,
      facts: factSheet(placeOf(site), given),
    });
  }
  return { operators: buildOperators(file), sites, models, backends, self: factSheet(placeOf(file.self.site), file.self) };
}

/** @throws Error when the relations let something through that they must not. */
export function owner(file: FileFormat, section: Parameters<typeof ownerOf>[1], id: string): string {
  const named = ownerOf(file, section, id);
  if (named === undefined) throw new Error(`config: ${section}.${id} has no owner after the relations were checked`);
  return named;
}

function buildOperators(file: FileFormat): ReadonlyMap<OperatorId, Operator> {
  return new Map(Object.entries(file.operators).map(([id, { name }]) => [operatorId(id), { id: operatorId(id), name: name ?? id }]));
}

function buildModels(file: FileFormat): ReadonlyMap<ModelId, Model> {
  const models = new Map<ModelId, Model>();
  for (const [id, given] of Object.entries(file.models)) {
    models.set(modelId(id), {
      id: modelId(id),
      contextTokensMax: given.context_tokens_max,
      completionTokensMax: given.completion_tokens_max,
      capabilities: new Set(given.capabilities),
    });
  }
  return models;
}

function bareBackend(id: string, given: BackendFormat, outside: Outside): Omit<Backend, "site" | "operator" | "models" | "facts"> {
  return {
    id: backendId(id),
    engine: given.engine,
    baseUrl: given.base_url.replace(/\/+$/, ""),
    credential: outside.texts.get(pathText(["backends", id, "credential"])),
    weight: given.weight,
    concurrencyMax: given.concurrency,
    ...(given.responses === undefined ? {} : { responses: given.responses }),
  };
}

function servedModels(
  backend: string,
  given: BackendFormat,
  from: { readonly models: ReadonlyMap<ModelId, Model>; readonly outside: Outside },
): ReadonlyMap<ModelId, ServedModel> {
  const served = new Map<ModelId, ServedModel>();
  for (const [name, entry] of Object.entries(given.models)) {
    const model = from.models.get(modelId(name));
    if (model === undefined) throw new Error(`config: model ${name} is unknown after the relations were checked`);
    const fields = typeof entry === "string" ? { served_name: entry } : entry;
    const fileKey = pathText(["backends", backend, "models", name, "chat_template", "file"]);
    served.set(model.id, {
      model,
      servedName: fields.served_name ?? name,
      chatTemplate: fields.chat_template === undefined ? undefined : chatTemplate(fields.chat_template, from.outside.texts.get(fileKey)),
      ...(fields.wholesale_price === undefined ? {} : { wholesale: wholesalePrice(fields.wholesale_price) }),
      ...(fields.triton === undefined ? {} : { triton: tritonModel(fields.triton) }),
    });
  }
  return served;
}

function wholesalePrice({ input, output }: { readonly input: string; readonly output: string }): WholesalePrice {
  return { inputMicroPerMillion: microUnits(input), outputMicroPerMillion: microUnits(output) };
}

function tritonModel(given: NonNullable<Exclude<ServedModelFormat, string>["triton"]>): TritonModel {
  return {
    kind: given.kind,
    accumulates: given.accumulates,
    echoes: given.echoes,
    addsBos: given.adds_bos,
    toolFormat: given.tool_calls,
    guideName: given.structured_output,
    specialTokens: given.special_tokens,
  };
}
