/**
 * A stream with the official client (package openai), against a demo that runs (`npm start`). In a checkout, which installs the client too:
 *   node scripts/ensure.mjs examples/node-stream.mjs
 * Reads .bailiwick/demo.json in the folder where the demo was started.
 */
import { readFileSync } from "node:fs";
import OpenAI from "openai";

const demo = JSON.parse(readFileSync(".bailiwick/demo.json", "utf8"));
const [tenant] = demo.tenants;
const client = new OpenAI({ baseURL: tenant.baseUrl, apiKey: tenant.key });
const messages = [{ role: "user", content: "Say hello." }];

const stream = await client.chat.completions.create({
  model: tenant.models[0],
  messages,
  max_tokens: 40,
  stream: true,
  stream_options: { include_usage: true },
});
for await (const chunk of stream) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? "");
  if (chunk.usage) process.stdout.write(`\n${chunk.usage.prompt_tokens} tokens in, ${chunk.usage.completion_tokens} out\n`);
}

// What the tenant's rules refuse is an ordinary error of the client, with the rules that stood in the way.
try {
  await client.chat.completions.create({ model: tenant.refused.model, messages }, { headers: tenant.refused.headers });
} catch (error) {
  if (!(error instanceof OpenAI.PermissionDeniedError)) throw error;
  const rules = error.error.sovereignty.denied_by.map(({ level, rule }) => rule ?? level);
  process.stdout.write(`${error.status} ${error.code}: ${[...new Set(rules)].join(", ")}\n`);
}
