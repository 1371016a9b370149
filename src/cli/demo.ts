/** What the demo shows: a file for programs, and a text for people with three things to paste and one refusal to see. */
import type { DemoFleet } from "../simulator/demo-fleet.ts";
import { DEMO_MSPS, type DemoMspId, type Refused } from "../simulator/demo-tenants.ts";

/** Where the gateway answers now, without a trailing slash: "http://127.0.0.1:8080". */
export interface Listening {
  readonly kontor: string;
  readonly relais: string;
  readonly admin: string;
}

/** Written to .bailiwick/demo.json, readable for its owner alone. */
export interface DemoJson {
  /** OpenAI base URL of the first tenant, with /v1. */
  readonly baseUrl: string;
  readonly adminUrl: string;
  readonly adminKey: string;
  /** Path of the configuration that runs; of secrets it has hashes only. */
  readonly configuration: string;
  readonly tenants: readonly DemoJsonTenant[];
}

export interface DemoJsonTenant {
  readonly id: string;
  readonly name: string;
  readonly msp: DemoMspId;
  readonly key: string;
  /** OpenAI base URL, with /v1. */
  readonly baseUrl: string;
  /** What this tenant may ask for; the last one embeds, the others chat. */
  readonly models: readonly [chat: string, large: string, embedding: string];
  /** Its rules in one line. */
  readonly law: string;
  /** A request that its rules refuse with 403 SOV_NO_ADMISSIBLE. */
  readonly refused: {
    readonly model: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly status: 403;
    readonly code: string;
    readonly why: string;
  };
}

export function demoJson(fleet: DemoFleet, listening: Listening, configuration: string): DemoJson {
  const tenants = fleet.tenants.map(({ tenant, key }): DemoJsonTenant => {
    const { chat, large, embedding } = DEMO_MSPS[tenant.msp];
    const { id, name, msp, law } = tenant;
    return {
      id,
      name,
      msp,
      key,
      baseUrl: `${listening[msp]}/v1`,
      models: [chat, large, embedding],
      law,
      refused: refusal(tenant.refused),
    };
  });
  return { baseUrl: `${listening.kontor}/v1`, adminUrl: listening.admin, adminKey: fleet.adminKey, configuration, tenants };
}

function refusal({ model, require, why }: Refused): DemoJsonTenant["refused"] {
  const headers = require === undefined ? {} : { "Sovereignty-Require": require };
  return { model, headers, status: 403, code: "SOV_NO_ADMISSIBLE", why };
}

const PROMPT = "Say hello.";

/** The text printed when the demo is up. Ends with a line break. */
export function demoBanner(json: DemoJson): string {
  const first = json.tenants[0];
  if (first === undefined) throw new TypeError("a demo without tenants");
  return `
Bailiwick is up: simulated engines in Frankfurt, Berlin, Munich, Paris and Virginia, two resellers, four tenants.

${json.tenants.map(tenantLines).join("\n\n")}

  Administration
    ${json.adminUrl}   ${json.adminKey}

  Configuration, to be read
    ${json.configuration}

Paste one of these:

${curl(first, { model: first.models[0], headers: {} })}

${node(first)}

${python(first)}

And this is refused, with its reason, before anything leaves the gateway: ${first.name} asks for
${first.refused.model}; ${first.refused.why}.

${curl(first, first.refused)}
`;
}

function tenantLines({ name, msp, baseUrl, key, law, models }: DemoJsonTenant): string {
  const sold = `${DEMO_MSPS[msp].name} sells ${models.join(", ")}`;
  return `  ${name}: ${law}\n    ${baseUrl}   ${key}\n    ${sold}`;
}

function curl(
  { baseUrl, key }: DemoJsonTenant,
  { model, headers }: { readonly model: string; readonly headers: Readonly<Record<string, string>> },
): string {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: PROMPT }] });
  const more = Object.entries(headers).map(([name, value]) => `  -H "${name}: ${value}" \\\n`);
  return `curl ${baseUrl}/chat/completions \\
  -H "Authorization: Bearer ${key}" \\
  -H "Content-Type: application/json" \\
${more.join("")}  -d '${body}'`;
}

function node({ baseUrl, key, models }: DemoJsonTenant): string {
  return `// openai-node: npm install openai
import OpenAI from "openai";
const client = new OpenAI({ baseURL: "${baseUrl}", apiKey: "${key}" });
const stream = await client.chat.completions.create({
  model: "${models[0]}", stream: true, messages: [{ role: "user", content: "${PROMPT}" }],
});
for await (const chunk of stream) process.stdout.write(chunk.choices[0]?.delta.content ?? "");`;
}

function python({ baseUrl, key, models }: DemoJsonTenant): string {
  return `# openai-python: pip install openai
from openai import OpenAI
client = OpenAI(base_url="${baseUrl}", api_key="${key}")
chat = client.chat.completions.create(model="${models[0]}", messages=[{"role": "user", "content": "${PROMPT}"}])
print(chat.choices[0].message.content)`;
}
