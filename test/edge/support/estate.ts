/** The configuration that the tests over real sockets run: two resellers, an engine of each kind, keys for every case. Its inner names are easy to find in an answer. */
import { createHash } from "node:crypto";

/** Keys by what is special about them. */
export const KEYS = {
  alpine: "sk-alpine-0123456789abcdefghijklmnop",
  bravo: "sk-bravo-0123456789abcdefghijklmnopq",
  expired: "sk-expired-0123456789abcdefghijklmno",
  revoked: "sk-revoked-0123456789abcdefghijklmno",
  elsewhere: "sk-elsewhere-0123456789abcdefghijklm",
  narrow: "sk-narrow-0123456789abcdefghijklmnop",
  once: "sk-once-0123456789abcdefghijklmnopqr",
  broke: "sk-broke-0123456789abcdefghijklmnopq",
  lawless: "sk-lawless-0123456789abcdefghijklmno",
} as const;

export type KeyName = keyof typeof KEYS;

export const ADMIN_KEY = "sk-admin-0123456789abcdefghijklmnop";
export const ADMIN_ENV = "EDGE_ADMIN_KEY";

/** What each reseller calls the model that each engine serves. */
export const MODELS = {
  alpine: { vllm: "alpine/chat", triton: "alpine-prose", embedding: "alpine-vectors" },
  bravo: { vllm: "bravo/chat", triton: "bravo-prose", embedding: "bravo-vectors" },
} as const;

export const HOSTS = { alpine: "alpine.test", bravo: "bravo.test" } as const;

/** What the engines answer to; no caller ever reads it. */
export const SERVED = { vllm: "weights-of-vee", triton: "weights_of_tee", embedding: "weights-of-emb" } as const;

export interface EstateParts {
  readonly urls: { readonly vllm: string; readonly triton: string; readonly embedding: string };
  readonly dataDir: string;
  readonly logLevel?: "silent" | "info";
  /** Rule of the first reseller's tenant; narrower when a test reloads. */
  readonly tenantCountries?: string;
}

const certain = "policy: [{ id: RULE-INSIDE, require: { backend.location.country: { in: [DE, FR] } } }]";

export function estateYaml(parts: EstateParts): string {
  return [server(parts), fleet(parts), resellers(), tenants(parts), keys()].join("\n");
}

function server({ dataDir, logLevel = "silent" }: EstateParts): string {
  return `server:
  listen:
    - "127.0.0.1:0"
    - { address: "127.0.0.1:0", msp: msp-alpine }
    - { address: "127.0.0.1:0", msp: msp-bravo }
  admin: { address: "127.0.0.1:0", key: { env: ${ADMIN_ENV} } }
  data_dir: ${JSON.stringify(dataDir)}
  log_level: ${logLevel}
uses: { sets: "2026-11-22.1", certs: "2026-11-22.1" }
policy: [{ id: RULE-PLATFORM, require: { backend.location.country: { in: ["@ALL_ASSIGNED"] } } }]
self: { site: site-obscura }`;
}

function fleet({ urls }: EstateParts): string {
  return `operators:
  op-obscura: { name: Obscura Compute Ltd, country: DE, parents: [DE], ${certain} }
sites:
  site-obscura: { operator: op-obscura, country: DE }
models:
  inner-vee: { context_tokens_max: 32768 }
  inner-tee: { context_tokens_max: 32768 }
  inner-emb: { context_tokens_max: 8192, capabilities: [embeddings, tokenize] }
backends:
  rack-vee: { site: site-obscura, engine: vllm, base_url: "${urls.vllm}", models: { inner-vee: ${SERVED.vllm} } }
  rack-emb: { site: site-obscura, engine: vllm, base_url: "${urls.embedding}", models: { inner-emb: ${SERVED.embedding} } }
  rack-tee:
    site: site-obscura
    engine: triton
    base_url: "${urls.triton}"
    models:
      inner-tee:
        served_name: ${SERVED.triton}
        chat_template: "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\\n{% endfor %}"`;
}

function resellers(): string {
  return `msps:${reseller("alpine", "Alpine Cloud")}${reseller("bravo", "Bravo Intelligence")}`;
}

function reseller(name: keyof typeof MODELS, brand: string): string {
  const { vllm, triton, embedding } = MODELS[name];
  return `
  msp-${name}:
    hosts: [${HOSTS[name]}]
    brand: { name: ${brand}, support_url: "https://${HOSTS[name]}/help", diagnostics: true }
    price_book: { version: "1", currency: EUR }
    aliases:
      ${vllm}: { model: inner-vee, owned_by: ${brand}, price: { input: "1", cached_input: "0.5", output: "2" } }
      ${triton}: { model: inner-tee, owned_by: ${brand}, price: { input: "1", output: "2" } }
      ${embedding}: { model: inner-emb, owned_by: ${brand}, price: { input: "1", output: "0" } }
    ${certain}`;
}

function tenants({ tenantCountries = "[DE]" }: EstateParts): string {
  return `tenants:
  tenant-a: { msp: msp-alpine, name: Tenant A, default_class: public, policy: [{ id: RULE-A, require: { backend.location.country: { in: ${tenantCountries} } } }] }
  tenant-b: { msp: msp-bravo, name: Tenant B, default_class: public, ${certain} }
  tenant-l: { msp: msp-alpine, name: Tenant L, default_class: public, policy: [{ id: RULE-L, require: { backend.location.country: { in: [FR] } } }] }
projects:
  project-a: { tenant: tenant-a }
  project-b: { tenant: tenant-b }
  project-l: { tenant: tenant-l }`;
}

const SPECIAL: Readonly<Record<KeyName, string>> = {
  alpine: "project: project-a, explain: true, limits: { requests_per_minute: 100000, tokens_per_minute: 2000000000 }",
  bravo: "project: project-b, explain: true",
  expired: "project: project-a, expires: 2020-01-01T00:00:00Z",
  revoked: "project: project-a, revoked: 2020-01-01T00:00:00Z",
  elsewhere: "project: project-a, cidrs: [10.0.0.0/8]",
  narrow: `project: project-a, models: ["${MODELS.alpine.triton}"]`,
  once: "project: project-a, limits: { requests_per_minute: 1 }",
  broke: 'project: project-a, limits: { budget_per_month: "0" }',
  lawless: "project: project-l",
};

const KEY_NAMES = [
  "alpine",
  "bravo",
  "expired",
  "revoked",
  "elsewhere",
  "narrow",
  "once",
  "broke",
  "lawless",
] as const satisfies readonly KeyName[];

function keys(): string {
  return `keys:\n${KEY_NAMES.map((name) => `  key-${name}: { hash: "sha256:${sha256(KEYS[name])}", ${SPECIAL[name]} }`).join("\n")}\n`;
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
