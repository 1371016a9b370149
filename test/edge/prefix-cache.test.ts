/** Two tenants on one engine: what it has cached of the one, the other neither uses nor notices. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { HOSTS, KEYS, MODELS } from "./support/estate.ts";
import { bearer, raw, request } from "./support/raw.ts";
import { type Stand, startStand } from "./support/stand.ts";

let stand: Stand;
beforeAll(async () => void (stand = await startStand()));
afterAll(() => stand.stop());

type Who = keyof typeof HOSTS;
const PROMPT = "The harbour master counts the ships that come in by night and writes them down. ".repeat(12);

/** Prompt tokens that the engine found in its cache. */
async function cachedFor(who: Who, endpoint: "chat" | "completions", more: object = {}): Promise<number> {
  const { path, asked } =
    endpoint === "chat"
      ? { path: "/v1/chat/completions", asked: { messages: [{ role: "user", content: PROMPT }] } }
      : { path: "/v1/completions", asked: { prompt: PROMPT } };
  const body = JSON.stringify({ model: MODELS[who].vllm, max_tokens: 2, ...asked, ...more });
  const headers = [bearer(KEYS[who]), "content-type: application/json"];
  const answer = await raw({ port: stand.ports.hosts, pieces: [request({ host: HOSTS[who], path, headers, body })] });
  expect(answer.status).toBe(200);
  return JSON.parse(answer.body).usage.prompt_tokens_details.cached_tokens;
}

it.each(["chat", "completions"] as const)("%s: cached for the tenant itself, and for nobody else", async (endpoint) => {
  expect(await cachedFor("alpine", endpoint)).toBe(0);
  expect(await cachedFor("alpine", endpoint)).toBeGreaterThan(0);
  expect(await cachedFor("bravo", endpoint)).toBe(0);
  expect(await cachedFor("bravo", endpoint)).toBeGreaterThan(0);
});

it("a salt of the caller's own parts its users, and reaches no other tenant's", async () => {
  const own = { cache_salt: "user-1" };
  expect(await cachedFor("alpine", "chat", own)).toBe(0);
  expect(await cachedFor("alpine", "chat", own)).toBeGreaterThan(0);
  expect(await cachedFor("bravo", "chat", own)).toBe(0);
  const sent = stand.engines.vllm.seen.findLast(({ path }) => path === "/v1/chat/completions")?.body ?? "";
  const stolen: unknown = JSON.parse(sent).cache_salt;
  expect(await cachedFor("alpine", "chat", { cache_salt: stolen })).toBe(0);
});

it("the salt names nobody, and embeddings have none", async () => {
  const sent = stand.engines.vllm.seen.map(({ body }) => body).join("\n");
  expect(sent).toMatch(/"cache_salt":"[\w-]{43}"/);
  expect(sent).not.toMatch(/tenant-[ab]|user-1/);
  const body = JSON.stringify({ model: MODELS.alpine.embedding, input: "hi" });
  const headers = [bearer(KEYS.alpine), "content-type: application/json"];
  await raw({ port: stand.ports.hosts, pieces: [request({ host: HOSTS.alpine, path: "/v1/embeddings", headers, body })] });
  const embedding = stand.engines.embedding.seen.findLast(({ path }) => path === "/v1/embeddings");
  expect(embedding?.body).not.toContain("cache_salt");
});
