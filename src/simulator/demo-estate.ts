/** The configuration of the demo, as a file that a person can read, change and learn the format from. */
import { CHAT_MODEL, CONTEXT_TOKENS, type DemoEngineId, EMBEDDING_MODEL, LARGE_MODEL } from "./demo-engines.ts";

export interface EstateInput {
  /** host:port for each reseller and for the admin API; port 0 takes a free one. */
  readonly addresses: { readonly kontor: string; readonly relais: string; readonly admin: string };
  readonly dataDir: string;
  /** Environment variable that holds the admin secret. */
  readonly adminKeyEnv: string;
  readonly urls: ReadonlyMap<DemoEngineId, string>;
  /** Key of each tenant: "sha256:…" and the last four characters of the secret. */
  readonly keys: ReadonlyMap<string, { readonly hash: string; readonly hint: string }>;
  /** RFC 3339 UTC instant at which the certificates end. */
  readonly expires: string;
  /** RFC 3339 UTC instant at which the keys were made. */
  readonly created: string;
}

/** bailiwick.yaml of the demo. */
export function demoYaml(input: EstateInput): string {
  return [server(input), law(), fleet(input), models(), backends(input), msps(), tenants(), projects(), keys(input)].join("\n");
}

function server({ addresses, dataDir, adminKeyEnv }: EstateInput): string {
  return `# The demo: eight simulated engines in five places, two resellers, four tenants. Written anew at every start.
# All names, certificates and owners are invented. Every field: docs/reference/configuration.md
server:
  listen:
    - { address: "${addresses.kontor}", msp: kontor }
    - { address: "${addresses.relais}", msp: relais }
  admin: { address: "${addresses.admin}", key: { env: ${adminKeyEnv} } }
  data_dir: ${JSON.stringify(dataDir)}
  log_level: warn
`;
}

function law(): string {
  return `# Everybody's rule. Resellers, operators and tenants narrow it below; nobody widens it.
uses: { sets: "2026-11-22.1", certs: "2026-11-22.1" }
policy:
  - { id: PLATFORM-1, require: { backend.train_on_data: { in: [false] } } }
`;
}

function fleet({ expires }: EstateInput): string {
  const audited = (code: string): string => `[{ code: ${code}, evidence: audit, expires: ${expires} }]`;
  return `operators:
  nordlicht: # German, owned by Germans
    name: Nordlicht Rechenzentren
    country: DE
    parents: [DE]
    facts: { train_on_data: false, retention.days: 0 }
    certificates: ${audited("BSI-C5.type2")}
    policy: [{ id: NORDLICHT-1, require: { backend.location.country: { in: [DE] } } }]
  azur: # French, qualified for the state
    name: Azur Calcul
    country: FR
    parents: [FR]
    facts: { train_on_data: false, retention.days: 0 }
    certificates: ${audited("SecNumCloud.3.2")}
    policy: [{ id: AZUR-1, require: { backend.location.country: { in: [FR] } } }]
  atlantic: # German sites do not make a German owner
    name: Atlantic Compute
    country: US
    parents: [US]
    facts: { train_on_data: false, retention.days: 30 }
    policy: [{ id: ATLANTIC-1, require: { backend.location.country: { in: [DE, US] } } }]

sites:
  frankfurt: { operator: nordlicht, country: DE, subdivision: DE-HE }
  berlin: { operator: nordlicht, country: DE, subdivision: DE-BE }
  paris: { operator: azur, country: FR, subdivision: FR-IDF }
  munich: { operator: atlantic, country: DE, subdivision: DE-BY }
  virginia: { operator: atlantic, country: US, subdivision: US-VA }

# Rules bind this gateway as they bind an engine: it stands in Frankfurt and is qualified for both states.
self:
  site: frankfurt
  certificates: ${audited("SecNumCloud.3.2")}
`;
}

function models(): string {
  return `models:
  ${CHAT_MODEL}: { context_tokens_max: ${CONTEXT_TOKENS[CHAT_MODEL]} }
  ${LARGE_MODEL}: { context_tokens_max: ${CONTEXT_TOKENS[LARGE_MODEL]} }
  ${EMBEDDING_MODEL}: { context_tokens_max: ${CONTEXT_TOKENS[EMBEDDING_MODEL]}, capabilities: [embeddings, tokenize] }
`;
}

/** ChatML, for Triton, which has no chat of its own. */
const TEMPLATE = [
  "{% for message in messages %}<|im_start|>{{ message['role'] }}",
  "{{ message['content'] }}<|im_end|>",
  "{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant",
  "{% endif %}",
] as const;

function backends({ urls }: EstateInput): string {
  const at = (id: DemoEngineId): string => urls.get(id) ?? "";
  const templated = (model: string): string =>
    [
      `      ${model}:`,
      `        chat_template:`,
      `          eos_token: "<|im_end|>"`,
      `          source: |`,
      ...TEMPLATE.map((line) => `            ${line}`),
    ].join("\n");
  return `backends:
  frankfurt: { site: frankfurt, engine: vllm, base_url: "${at("frankfurt")}", models: { ${CHAT_MODEL}: {} } }
  frankfurt-embed: { site: frankfurt, engine: vllm, base_url: "${at("frankfurt-embed")}", models: { ${EMBEDDING_MODEL}: {} } }
  berlin:
    site: berlin
    engine: triton
    base_url: "${at("berlin")}"
    models:
${templated(CHAT_MODEL)}
  paris: { site: paris, engine: vllm, base_url: "${at("paris")}", models: { ${CHAT_MODEL}: {} } }
  paris-embed: { site: paris, engine: vllm, base_url: "${at("paris-embed")}", models: { ${EMBEDDING_MODEL}: {} } }
  munich:
    site: munich
    engine: triton
    base_url: "${at("munich")}"
    models:
${templated(CHAT_MODEL)}
${templated(LARGE_MODEL)}
  virginia: { site: virginia, engine: vllm, base_url: "${at("virginia")}", models: { ${CHAT_MODEL}: {} } }
  virginia-large: { site: virginia, engine: vllm, base_url: "${at("virginia-large")}", models: { ${LARGE_MODEL}: {} } }
`;
}

function msps(): string {
  return `msps:
  kontor:
    hosts: [kontor.example]
    brand: { name: Kontor KI, support_url: "https://kontor.example/hilfe", diagnostics: true }
    price_book: { version: "2026-11", currency: EUR }
    aliases:
      kontor-chat: { model: ${CHAT_MODEL}, price: { input: "0.15", cached_input: "0.05", output: "0.60" } }
      kontor-large: { model: ${LARGE_MODEL}, price: { input: "0.90", cached_input: "0.30", output: "3.50" } }
      kontor-embed: { model: ${EMBEDDING_MODEL}, price: { input: "0.02", output: "0" } }
    policy: [{ id: KONTOR-1, require: { backend.location.country: { in: ["@ALL_ASSIGNED"] } } }]
  relais: # sells European places only
    hosts: [relais.example]
    brand: { name: Relais IA, support_url: "https://relais.example/aide", diagnostics: true }
    price_book: { version: "2026-11", currency: EUR }
    aliases:
      relais-chat: { model: ${CHAT_MODEL}, price: { input: "0.20", cached_input: "0.10", output: "0.80" } }
      relais-large: { model: ${LARGE_MODEL}, price: { input: "1.10", cached_input: "0.40", output: "4.20" } }
      relais-embed: { model: ${EMBEDDING_MODEL}, price: { input: "0.03", output: "0" } }
    policy: [{ id: RELAIS-1, require: { backend.location.country: { in: ["@EEA"] } } }]
`;
}

function tenants(): string {
  return `tenants:\n${tenantsOfKontor()}${tenantsOfRelais()}`;
}

function tenantsOfKontor(): string {
  return `  klinikum:
    msp: kontor
    name: Klinikum Nordsee
    default_class: restricted
    limits: { requests_per_minute: 600, tokens_per_minute: 400000, budget_per_month: "250" }
    policy:
      - id: KLINIKUM-1
        cite: s. 203 StGB, GDPR art. 9
        require: { backend.location.country: { in: [DE] }, backend.operator.parents: { subset_of: ["@EEA"] } }
      - id: KLINIKUM-2
        cite: s. 393 SGB V
        when: { request.class: { at_least: restricted } }
        require: { backend.certs: { has_all: [BSI-C5.type2] }, backend.retention.days: { at_most: 0 } }
  papillon:
    msp: kontor
    name: Papillon Labs
    default_class: public
    policy: [{ id: PAPILLON-1, require: { backend.location.country: { in: ["@ALL_ASSIGNED"] } } }]
`;
}

function tenantsOfRelais(): string {
  return `  ministere:
    msp: relais
    name: Ministère des Archives
    default_class: confidential
    limits: { requests_per_minute: 1200, budget_per_month: "2000" }
    policy:
      - { id: MINISTERE-1, require: { backend.location.country: { in: ["@EU"] }, backend.operator.parents: { subset_of: ["@EU"] } } }
      - id: MINISTERE-2
        cite: art. 31 SREN
        when: { request.class: { at_least: confidential } }
        require: { backend.certs: { has_all: [SecNumCloud.3.2] } }
  flandre:
    msp: relais
    name: Banque de Flandre
    default_class: public
    limits: { concurrency: 16, budget_per_month: "1000" }
    policy:
      - { id: FLANDRE-1, require: { backend.location.country: { in: ["@EEA"] } } }
      - id: FLANDRE-2
        cite: DORA art. 28
        when: { request.class: { at_least: confidential } }
        require: { backend.operator.parents: { subset_of: ["@EU"] } }
`;
}

function projects(): string {
  return `projects:
  station-1: { tenant: klinikum, name: Station 1 }
  prototype: { tenant: papillon, name: Prototype }
  fonds-anciens: { tenant: ministere, name: Fonds anciens }
  guichet: { tenant: flandre, name: Guichet, limits: { requests_per_minute: 300 } }
`;
}

const PROJECT_OF: ReadonlyMap<string, string> = new Map([
  ["klinikum", "station-1"],
  ["papillon", "prototype"],
  ["ministere", "fonds-anciens"],
  ["flandre", "guichet"],
]);

function keys({ keys: hashed, created }: EstateInput): string {
  const lines = [...hashed].map(([tenant, { hash, hint }]) => {
    const rest = `hash: "${hash}", hint: "${hint}", created: ${created}, explain: true`;
    return `  ${tenant}-demo: { project: ${PROJECT_OF.get(tenant) ?? tenant}, name: Demo, ${rest} }`;
  });
  return `# Secrets are made at the start and shown once; here is only their SHA-256.\nkeys:\n${lines.join("\n")}\n`;
}
