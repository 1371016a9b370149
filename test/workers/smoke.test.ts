/** The gateway in workerd with D1 and Durable Objects, between simulated engines and OpenAI's own client, unmodified. */
import OpenAI from "openai";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { mspId, requestId } from "../../src/domain/ids.ts";
import { missingWorkerd } from "../../scripts/worker-bundle.ts";
import { keyStatements } from "../../scripts/worker-key.ts";
import { drained, refusal, user } from "../conformance/openai-client.ts";
import { KEYS, MODELS } from "../edge/support/estate.ts";
import { until } from "../edge/support/until.ts";
import { claimBy, principalOf } from "../unit/gate/fixtures.ts";
import { type Settled, startWorkerStand, type WorkerStand } from "./support/stand.ts";

const { vllm: CHAT, triton: PROSE, embedding: VECTORS } = MODELS.alpine;
const why = missingWorkerd();
if (why !== undefined) process.stdout.write(`not run: workerd (${why})\n`);

it.runIf(why !== undefined && process.env["CI"] === "true")("workerd must not be missing", () => {
  expect(why).toBeUndefined();
});

const FORGOTTEN = requestId("f".repeat(32));
const MADE_KEY = { nowMs: Date.now(), id: "key_made-for-the-smoke", secret: "sk-made-0123456789abcdefghijklmnop" };

describe.skipIf(why !== undefined)("workerd", { timeout: 30_000 }, () => {
  let stand: WorkerStand;
  const early: { status: number; code: unknown }[] = [];
  const get = (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> =>
    fetch(`${stand.url}${path}`, { headers: { authorization: `Bearer ${KEYS.alpine}`, ...headers } });

  beforeAll(async () => {
    stand = await startWorkerStand(async ({ port, bindings: { GATE } }) => {
      for (const path of ["/healthz", "/readyz", "/v1/models"]) {
        const answer = await fetch(`http://127.0.0.1:${port}${path}`);
        const text = await answer.text();
        early.push({ status: answer.status, code: text.startsWith("{") ? JSON.parse(text).error.code : text });
      }
      // A hold whose isolate dies at once; the last test sees what became of it.
      const principal = principalOf({ msp: {} });
      const msp = { ...principal.msp, id: mspId("msp-forgetful") };
      const { key, project, tenant } = principal;
      await GATE.get(GATE.idFromName("msp-forgetful")).open({
        ...claimBy({ key, project, tenant, msp }),
        request: FORGOTTEN,
        atMs: Date.now(),
      });
    });
  }, 120_000);
  afterEach(() => {
    for (const engine of [stand.engines.vllm, stand.engines.triton, stand.engines.embedding]) engine.faults.clear();
  });
  afterAll(() => stand?.stop());

  it("is alive and not ready before a configuration is published, and refuses to serve", () => {
    expect(early).toEqual([
      { status: 200, code: "ok\n" },
      { status: 503, code: "not ready\n" },
      { status: 503, code: "ledger_unavailable" },
    ]);
  });

  it("is ready afterwards; administration and metrics are nowhere", async () => {
    const statuses = await Promise.all(
      ["/healthz", "/readyz", "/metrics", "/admin/tenants", "/v1/nothing"].map(async (path) => (await get(path)).status),
    );
    expect(statuses).toEqual([200, 200, 404, 404, 404]);
  });

  it.each([CHAT, PROSE])("answers a chat: %s", async (model) => {
    const answer = await stand.client().chat.completions.create({ model, messages: user("[[say:Guten Tag, Welt]]") });
    expect(answer).toMatchObject({
      object: "chat.completion",
      model,
      choices: [{ message: { content: "Guten Tag, Welt" }, finish_reason: "stop" }],
    });
    expect(answer._request_id).toMatch(/^[0-9a-f]{32}$/);
  });

  it.each([CHAT, PROSE])("streams a chat: %s", async (model) => {
    const stream = await stand.client().chat.completions.create({
      model,
      messages: user("[[say:eins zwei drei vier]]"),
      stream: true,
      stream_options: { include_usage: true },
    });
    const chunks: OpenAI.ChatCompletionChunk[] = [];
    await drained(stream, (chunk) => chunks.push(chunk));
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? "").join("")).toBe("eins zwei drei vier");
    expect(new Set(chunks.map(({ id, model: named }) => `${id} ${named}`)).size).toBe(1);
    expect(chunks.at(-1)?.usage?.completion_tokens).toBeGreaterThan(0);
  });

  it("streams as the tokens come, not when they are all there", async () => {
    stand.engines.vllm.faults.set({ stallAfterTokens: 2, stallMs: 1_500 });
    const stream = await stand.client().chat.completions.create({ model: CHAT, messages: user("[[say:a b c d]]"), stream: true });
    const atMs: number[] = [];
    await drained(stream, (chunk) => void (chunk.choices[0]?.delta.content && atMs.push(performance.now())));
    expect((atMs.at(-1) ?? 0) - (atMs[0] ?? 0)).toBeGreaterThan(1_000);
  });

  it("embeds, and lists models", async () => {
    const { data } = await stand.client().embeddings.create({ model: VECTORS, input: ["eins", "zwei"] });
    expect(data.map(({ embedding }) => embedding.length)).toEqual([16, 16]);
    const models = await stand.client().models.list();
    expect(models.data.map(({ id }) => id)).toEqual([CHAT, PROSE, VECTORS]);
  });

  it("refuses as on Node: 401, 403, 404, 429, an empty budget", async () => {
    const ask = (apiKey: string, model: string = CHAT): Promise<InstanceType<typeof OpenAI.APIError>> =>
      refusal(stand.client({ apiKey }).chat.completions.create({ model, messages: user("hi"), max_completion_tokens: 2 }));
    expect(await ask("sk-nobody-0123456789abcdefghijkl")).toMatchObject({ status: 401, code: "invalid_api_key" });
    for (const apiKey of [KEYS.expired, KEYS.revoked, KEYS.bravo]) expect(await ask(apiKey)).toMatchObject({ status: 401 });
    expect(await ask(KEYS.elsewhere)).toMatchObject({ status: 401, code: "ip_not_authorized" });
    expect(await ask(KEYS.lawless)).toMatchObject({ status: 403, type: "permission_error", code: "SOV_SELF" });
    expect(await ask(KEYS.alpine, "nothing")).toMatchObject({ status: 404, code: "model_not_found" });
    expect(await ask(KEYS.broke)).toMatchObject({ status: 429, code: "insufficient_quota" });
    await stand.client({ apiKey: KEYS.once }).chat.completions.create({ model: CHAT, messages: user("hi"), max_completion_tokens: 2 });
    expect(await ask(KEYS.once)).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
  });

  it("answers under each MSP's own host, and under no other", async () => {
    const bravo = stand.client({ apiKey: KEYS.bravo, baseURL: `http://localhost:${stand.workerd.port}/v1` });
    expect((await bravo.models.list()).data.map(({ id }) => id)).toEqual(Object.values(MODELS.bravo));
    const answer = await stand.workerd.harness.fetch("http://unknown.test/v1/models", {
      headers: { authorization: `Bearer ${KEYS.bravo}` },
    });
    expect(answer.status).toBe(421);
  });

  /** What one request was settled with, once it is. */
  async function settledAs(request: string | null): Promise<Settled | undefined> {
    const own = async (): Promise<Settled | undefined> => (await stand.settlements("key-alpine")).find((each) => each.request === request);
    await until("it is settled", async () => (await own()) !== undefined);
    return own();
  }

  const streamed = (tokens: number) =>
    stand
      .client()
      .chat.completions.create({ model: CHAT, messages: user(`[[tokens:${tokens}]]`), max_completion_tokens: tokens, stream: true })
      .withResponse();

  it("says in band that an engine broke, and settles what was used", async () => {
    stand.engines.vllm.faults.set({ cutAfterTokens: 3 });
    const { data, request_id: request } = await streamed(20);
    await expect(drained(data)).rejects.toThrow(/failed to answer/);
    expect(await settledAs(request)).toMatchObject({ outcome: "failed", status: 200 });
  });

  it("settles once when the caller leaves, and at what it got", async () => {
    const { data, request_id: request } = await streamed(2_000);
    let frames = 0;
    for await (const _ of data) if ((frames += 1) === 5) break;
    const settled = await settledAs(request);
    expect(settled).toMatchObject({ outcome: "abandoned", status: 200 });
    expect(settled?.completionTokens).toBeGreaterThan(0);
    expect(settled?.completionTokens).toBeLessThan(1_000);
    expect(settled?.amount).toBeLessThan(settled?.held ?? 0);
  });

  it("numbers a tenant's settlements without a gap", async () => {
    const sequences = (await stand.settlements("key-alpine", "key-once")).map(({ sequence }) => sequence);
    expect(sequences.toSorted((one, other) => one - other)).toEqual(Array.from({ length: sequences.length }, (_, index) => index + 1));
  });

  it("shows usage of what has just been answered", async () => {
    const startS = Math.floor(Date.now() / 1_000) - 3_600;
    const total = async (): Promise<number> => {
      const page = await (await get(`/v1/organization/usage/completions?start_time=${startS}&bucket_width=1d`)).json();
      return page.data
        .flatMap((bucket: { results: { num_model_requests: number }[] }) => bucket.results)
        .reduce((sum: number, row: { num_model_requests: number }) => sum + row.num_model_requests, 0);
    };
    const before = await total();
    await stand.client().chat.completions.create({ model: CHAT, messages: user("hi"), max_completion_tokens: 2 });
    await until("it is counted", async () => (await total()) === before + 1);
  });

  it("runs a request with an Idempotency-Key once", async () => {
    const ask = (): Promise<unknown> =>
      stand
        .client()
        .chat.completions.create(
          { model: CHAT, messages: user("[[tokens:20]]"), max_completion_tokens: 20 },
          { headers: { "Idempotency-Key": "once" } },
        );
    const [first, second] = await Promise.allSettled([ask(), ask()]);
    expect([first.status, second.status].sort()).toEqual(["fulfilled", "rejected"]);
    expect(await refusal(ask())).toMatchObject({ status: 409, code: "idempotency_completed" });
  });

  it("knows a key that was put into D1, until it is revoked", async () => {
    const client = stand.client({ apiKey: MADE_KEY.secret });
    expect(await refusal(client.models.list())).toMatchObject({ status: 401 });
    await stand.workerd.execute(keyStatements(["create", "--project", "project-a", "--name", "made"], MADE_KEY).sql);
    expect((await client.models.list()).data).toHaveLength(3);
    await stand.workerd.execute(keyStatements(["revoke", "--id", MADE_KEY.id], MADE_KEY).sql);
    const tookMs = await until("it is revoked", async () => (await statusOf(client.models.list())) === 401);
    expect(tookMs).toBeLessThan(5_000);
  });

  it("takes up a new law within moments, and keeps the one in force when what is published is refused", async () => {
    const asked = (): Promise<number | undefined> =>
      statusOf(stand.client().chat.completions.create({ model: CHAT, messages: user("hi"), max_completion_tokens: 2 }));
    const pinned = (yaml: string): string =>
      yaml.replace(
        "RULE-A, require: { backend.location.country: { in: [DE] } }",
        "RULE-A, require: { backend.location.country: { in: [DE] }, self.egress.pinned: { in: [true] } }",
      );
    await stand.workerd.execute(
      keyStatements(["create", "--project", "project-a", "--name", "twice"], { ...MADE_KEY, id: "key-alpine", secret: "sk-twice" }).sql,
    );
    await stand.publish(pinned);
    await until(
      "it is refused",
      () =>
        stand.workerd.harness.getLogs().some(({ message }) => message.includes('key \\"key-alpine\\" is declared')) ||
        asked().then(() => false),
    );
    expect(await asked()).toBe(200);
    await stand.workerd.execute("delete from api_key where id = 'key-alpine'");
    await stand.publish(pinned);
    await until("addresses that are not pinned are refused", async () => (await asked()) === 403);
    await stand.publish();
    await until("the law is the old one again", async () => (await asked()) === 200);
  });

  it("sweeps the hold of a request whose isolate died, within a minute", { timeout: 70_000 }, async () => {
    const { GATE, LEDGER } = stand.workerd.bindings;
    expect(GATE.idFromName("msp-forgetful")).toBeDefined();
    const swept = async (): Promise<unknown[] | undefined> =>
      (await LEDGER.prepare("select outcome, status, amount, held from settlement where request = ?").bind(FORGOTTEN).raw())[0];
    await until("the alarm has settled it", async () => (await swept()) !== undefined, 60_000);
    expect(await swept()).toEqual(["crashed", 500, 0, 1_000]);
  });
});

/** 200, or what it was refused with. */
function statusOf(call: Promise<unknown>): Promise<number | undefined> {
  return call.then(
    () => 200,
    (error: unknown) => (error instanceof OpenAI.APIError ? error.status : 0),
  );
}
