/** Writes a first bailiwick.yaml: what was found, explained, with a REQUIRED line wherever only a person can know. */
import { NEWEST_SETS } from "../../policies/vocabulary/sets.ts";
import type { Found, FoundModel } from "./probe.ts";

/** What a person says about the place; each may be left open. Countries are ISO 3166-1 alpha-2. */
export interface Place {
  readonly country: string | undefined;
  readonly operatorCountry: string | undefined;
  /** Every controlling entity up to the ultimate parent, the operator's own country included. */
  readonly operatorParents: readonly string[] | undefined;
  /** For models whose engine does not say, in tokens. */
  readonly contextTokensMax: number | undefined;
}

interface NamedModel extends FoundModel {
  readonly id: string;
}

/** The text of a configuration; valid when it has no REQUIRED line. */
export function draft(found: readonly Found[], place: Place): string {
  const models = nameModels(found);
  const parts = [head(place), machines(found, place, models), market(place, models), platform()];
  return `${parts.flat().join("\n")}\n`;
}

function head(place: Place): readonly string[] {
  return [
    "# bailiwick.yaml: what this gateway serves, to whom, and where requests may go.",
    "# Every field is explained in docs/reference/configuration.md. Check the file with: bailiwick check",
    ...(place.country === undefined || place.operatorCountry === undefined || place.operatorParents === undefined
      ? ["# Lines marked REQUIRED wait for you: only a person knows them, and what is unknown is refused."]
      : []),
    "",
    "server:",
    '  listen: ["127.0.0.1:8080"]  # callers; put a TLS proxy in front and name it in trusted_proxies',
    "  # admin: { key: { env: BAILIWICK_ADMIN_KEY } }  # turns the admin API on, at 127.0.0.1:9090",
    "",
    "# The gateway itself is bound by the same rules as the engines: it runs at this site.",
    "self: { site: main }",
    "",
  ];
}

function machines(found: readonly Found[], place: Place, models: ReadonlyMap<string, NamedModel>): readonly string[] {
  return [
    "# Who runs the machines. `parents`: countries of all controlling entities up to the ultimate parent, the operator's own included.",
    "operators:",
    "  main:",
    "    name: Main operator",
    field("country", place.operatorCountry, "REQUIRED: country of the legal entity, e.g. DE"),
    field("parents", list(place.operatorParents), "REQUIRED: e.g. [DE]"),
    `    policy: [{ id: OPERATOR-1, require: { backend.location.country: { in: ["@ALL_ASSIGNED"] } } }]  # who may use its machines: anybody`,
    "",
    "# Where the machines stand.",
    "sites:",
    "  main:",
    "    operator: main",
    field("country", place.country, "REQUIRED: where the accelerators compute, e.g. DE"),
    "",
    "models:",
    ...[...models.values()].flatMap((model) => modelLines(model, place)),
    "",
    "backends:",
    ...found.flatMap((backend, index) => backendLines(backend, index, models)),
    "",
  ];
}

function modelLines(model: NamedModel, place: Place): readonly string[] {
  const tokens = model.contextTokensMax ?? place.contextTokensMax;
  const chatless = model.capabilities.includes("completions") && !model.capabilities.includes("chat");
  return [
    `  ${scalar(model.id)}:`,
    `    capabilities: [${model.capabilities.join(", ")}]${chatless ? '  # add "chat" once the backend has a chat_template' : ""}`,
    field(
      "context_tokens_max",
      tokens === undefined ? undefined : String(tokens),
      "REQUIRED: the engine does not say; prompt and completion together, in tokens",
    ),
  ];
}

function backendLines(backend: Found, index: number, models: ReadonlyMap<string, NamedModel>): readonly string[] {
  const served = backend.models.map((model) => {
    const id = models.get(model.servedName)?.id ?? model.servedName;
    return `      ${scalar(id)}: ${id === model.servedName ? "{}" : scalar(model.servedName)}`;
  });
  return [
    `  backend-${index + 1}:`,
    "    site: main",
    `    engine: ${backend.engine}`,
    `    base_url: ${scalar(backend.baseUrl)}`,
    "    # credential: { env: ENGINE_API_KEY }  # when the engine wants a key",
    ...(served.length === 0
      ? ["    # models: REQUIRED: the engine lists none, e.g. { my-model: name-at-the-engine }"]
      : ["    models:", ...served]),
  ];
}

function market(place: Place, models: ReadonlyMap<string, NamedModel>): readonly string[] {
  const rule = `[{ id: TENANT-1, require: { backend.location.country: { in: [${scalar(place.country ?? "DE")}] } } }]`;
  return [
    "# Who sells: host names, model names, prices per million tokens (decimals in quotes).",
    "msps:",
    "  main:",
    '    hosts: ["localhost:8080", "127.0.0.1:8080"]',
    "    brand: { name: Main }",
    '    price_book: { version: "1", currency: EUR }',
    models.size === 0 ? "    aliases: {}" : "    aliases:",
    ...[...models.values()].map(({ id }) => `      ${scalar(id)}: { model: ${scalar(id)}, price: { input: "0", output: "0" } }`),
    `    policy: [{ id: MSP-1, require: { backend.location.country: { in: ["@ALL_ASSIGNED"] } } }]`,
    "",
    "# Who buys, and where its data may go. Rules only ever narrow.",
    "tenants:",
    "  main:",
    "    limits: { requests_per_minute: 600, tokens_per_minute: 1000000, concurrency: 64 }",
    `    policy: ${place.country === undefined ? `[]  # REQUIRED: e.g. ${rule}` : rule}`,
    "",
    "projects:",
    "  default: { tenant: main }",
    "",
    "# Keys are made with the command line or the admin API; only hashes could stand here.",
    "",
  ];
}

function platform(): readonly string[] {
  return [
    "# The sets of countries (@EU, @EEA, …) that the rules in this file are written against: a set never changes under a rule.",
    `uses: { sets: "${NEWEST_SETS}" }`,
    "",
    "# What binds everybody: a place that is known.",
    `policy: [{ id: PLATFORM-1, require: { backend.location.country: { in: ["@ALL_ASSIGNED"] } } }]`,
  ];
}

/** A line of an entry, or its commented place when nobody knows. */
function field(name: string, value: string | undefined, required: string): string {
  return value === undefined ? `    # ${name}: ${required}` : `    ${name}: ${value}`;
}

function list(countries: readonly string[] | undefined): string | undefined {
  return countries === undefined ? undefined : `[${countries.map(scalar).join(", ")}]`;
}

/** One model for each name that engines give, under an id that the file format takes. */
function nameModels(found: readonly Found[]): ReadonlyMap<string, NamedModel> {
  const models = new Map<string, NamedModel>();
  const taken = new Set<string>();
  for (const model of found.flatMap((backend) => backend.models)) {
    if (models.has(model.servedName)) continue;
    const plain =
      model.servedName
        .replace(/[^A-Za-z0-9._:/@+-]+/g, "-")
        .replace(/^[^A-Za-z0-9]+/, "")
        .slice(0, 200) || "model";
    let id = plain;
    for (let copy = 2; taken.has(id); copy += 1) id = `${plain}-${copy}`;
    taken.add(id);
    models.set(model.servedName, { ...model, id });
  }
  return models;
}

/** Text as a YAML scalar: plain where that cannot be read as anything else, else in quotes. */
function scalar(text: string): string {
  const plain = /^[A-Za-z][A-Za-z0-9._/@+-]*(:\/\/[A-Za-z0-9._:/-]+)?$/.test(text) && !/^(true|false|null)$/i.test(text);
  return plain ? text : JSON.stringify(text);
}
