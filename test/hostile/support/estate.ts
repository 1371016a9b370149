/** A configuration made to be attacked: a lawful engine, one abroad, one whose place is no longer vouched for, and resellers that must not learn of each other. */
import { createHash } from "node:crypto";

export const KEYS = {
  alpha: "sk-alpha-0123456789abcdefghijklmnop",
  beta: "sk-beta-0123456789abcdefghijklmnopq",
  bound: "sk-bound-0123456789abcdefghijklmno",
  lawless: "sk-lawless-0123456789abcdefghijklm",
  office: "sk-office-0123456789abcdefghijklmn",
  expired: "sk-expired-0123456789abcdefghijkl",
  revoked: "sk-revoked-0123456789abcdefghijkl",
} as const;

export const HOSTS = { alpha: "alpha.test", beta: "beta.test" } as const;

/** Bearer token of the gateway towards the engine: no caller and no log ever sees it. */
export const ENGINE_SECRET = "engine-secret-c4n4ry-7731";
export const SECRET_FILE = "engine-secret.txt";

/** What the engines answer to. */
export const SERVED = "weights-of-war";

/** From where the key `office` may be used. */
export const OFFICE = "192.0.2.0/24";

export interface EstateParts {
  readonly urls: { readonly home: string; readonly away: string; readonly lapsed: string };
  readonly dataDir: string;
  readonly trustedProxies?: readonly string[];
}

const permits = (countries: string, id: string): string =>
  `policy: [{ id: ${id}, require: { backend.location.country: { in: ${countries} } } }]`;

export function estateYaml(parts: EstateParts): string {
  return [server(parts), fleet(parts), resellers(), tenants(), keys()].join("\n");
}

function server({ dataDir, trustedProxies = [] }: EstateParts): string {
  return `server:
  listen:
    - "127.0.0.1:0"
    - { address: "127.0.0.1:0", msp: msp-bound }
  admin: { address: "127.0.0.1:0", key: { env: EDGE_ADMIN_KEY } }
  trusted_proxies: ${JSON.stringify(trustedProxies)}
  data_dir: ${JSON.stringify(dataDir)}
  log_level: info
uses: { sets: "2026-11-22.1", certs: "2026-11-22.1" }
policy: [{ id: RULE-PLATFORM, require: { backend.location.country: { in: ["@ALL_ASSIGNED"] } } }]
self: { site: site-home }`;
}

function fleet({ urls }: EstateParts): string {
  const backend = (name: keyof EstateParts["urls"], site: string, models: string): string =>
    `  rack-${name}: { site: ${site}, engine: vllm, base_url: "${urls[name]}", concurrency: 2000, credential: { file: ${SECRET_FILE} }, models: { ${models} } }`;
  return `operators:
  op-home: { country: DE, parents: [DE], ${permits('["@ALL_ASSIGNED"]', "OP-HOME")} }
  op-away: { country: US, parents: [US], ${permits('["@ALL_ASSIGNED"]', "OP-AWAY")} }
sites:
  site-home: { operator: op-home, country: DE }
  site-away: { operator: op-away, country: US }
  site-lapsed: { operator: op-home, country: { value: DE, evidence: contract, expires: 2020-01-01T00:00:00Z } }
models:
  inner-chat: { context_tokens_max: 32768 }
  inner-away: { context_tokens_max: 32768 }
  inner-lapsed: { context_tokens_max: 32768 }
backends:
${backend("home", "site-home", `inner-chat: ${SERVED}`)}
${backend("away", "site-away", `inner-chat: ${SERVED}, inner-away: ${SERVED}`)}
${backend("lapsed", "site-lapsed", `inner-lapsed: ${SERVED}`)}`;
}

function resellers(): string {
  const price = 'price: { input: "1", output: "2" }';
  const one = (name: string, hosts: string): string => `
  msp-${name}:
    hosts: [${hosts}]
    brand: { name: ${name}, support_url: "https://${name}.test/help", diagnostics: true }
    price_book: { version: "1", currency: EUR }
    aliases:
      chat: { model: inner-chat, ${price} }
      away: { model: inner-away, ${price} }
      lapsed: { model: inner-lapsed, ${price} }
    ${permits("[DE, FR]", `MSP-${name.toUpperCase()}`)}`;
  return `msps:${one("alpha", HOSTS.alpha)}${one("beta", HOSTS.beta)}${one("bound", "")}`;
}

function tenants(): string {
  const one = (name: string, msp: string, countries: string): string =>
    `  tenant-${name}: { msp: msp-${msp}, name: T, default_class: public, ${permits(countries, `T-${name.toUpperCase()}`)} }`;
  return `tenants:
${one("alpha", "alpha", "[DE]")}
${one("beta", "beta", "[DE]")}
${one("bound", "bound", "[DE]")}
${one("lawless", "alpha", "[US]")}
projects:
  project-alpha: { tenant: tenant-alpha }
  project-beta: { tenant: tenant-beta }
  project-bound: { tenant: tenant-bound }
  project-lawless: { tenant: tenant-lawless }`;
}

function keys(): string {
  const special: Readonly<Record<keyof typeof KEYS, string>> = {
    alpha: "project: project-alpha, explain: true",
    beta: "project: project-beta",
    bound: "project: project-bound",
    lawless: "project: project-lawless",
    office: `project: project-alpha, cidrs: ["${OFFICE}"]`,
    expired: "project: project-alpha, expires: 2020-01-01T00:00:00Z",
    revoked: "project: project-alpha, revoked: 2020-01-01T00:00:00Z",
  };
  const lines = Object.entries(KEYS).map(([name, secret]) => {
    const about = Object.entries(special).find(([known]) => known === name)?.[1] ?? "";
    return `  key-${name}: { hash: "sha256:${createHash("sha256").update(secret).digest("hex")}", ${about} }`;
  });
  return `keys:\n${lines.join("\n")}\n`;
}
