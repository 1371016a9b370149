/** What an operator does with a running gateway: administration, usage and costs, metrics and logs, reload. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_KEY, KEYS, MODELS } from "./support/estate.ts";
import { type Administered, Operated } from "./support/operated.ts";
import { bearer, errorOf, raw, request } from "./support/raw.ts";
import { settlements } from "./support/settlements.ts";
import { OpenStream } from "./support/streams.ts";
import { until } from "./support/until.ts";

const MODEL = MODELS.alpine.vllm;
const CANARY = { prompt: "canary-in-the-prompt", answer: "canary-in-the-answer", path: "canary-in-the-path", query: "canary-in-the-query" };

let operated: Operated;
beforeAll(async () => void (operated = await Operated.start()), 40_000);
afterAll(() => operated.stop());

const ids = ({ body }: Administered): unknown => (Array.isArray(body["data"]) ? body["data"].map(({ id }) => id) : body);

describe("administration", () => {
  let secret = "";
  let key = "";

  it("makes a tenant, a project and a key, which works at once", async () => {
    const tenant = await operated.admin("POST", "/admin/tenants", {
      body: { id: "newcomer", msp: "msp-alpine", name: "Newcomer", default_class: "public" },
    });
    const project = await operated.admin("POST", "/admin/projects", { body: { id: "newcomer-one", tenant: "newcomer", name: "One" } });
    const made = await operated.admin("POST", "/admin/keys", { body: { project: "newcomer-one", name: "first" } });
    expect([tenant.status, project.status, made.status]).toEqual([200, 200, 200]);
    expect(made.body).toMatchObject({ object: "organization.project.api_key", name: "first", project: "newcomer-one", tenant: "newcomer" });
    [secret, key] = [String(made.body["value"]), String(made.body["id"])];
    expect(secret.length).toBeGreaterThan(40);
    expect((await operated.ask({ method: "GET", path: "/v1/models", key: secret })).status).toBe(200);
  });

  it("lists them, and never a secret again", async () => {
    expect(ids(await operated.admin("GET", "/admin/tenants"))).toContain("newcomer");
    expect(ids(await operated.admin("GET", "/admin/projects?tenant=newcomer"))).toEqual(["newcomer-one"]);
    const keys = await operated.admin("GET", "/admin/keys?project=newcomer-one");
    expect(ids(keys)).toEqual([key]);
    expect(JSON.stringify(await operated.admin("GET", "/admin/keys"))).not.toContain(secret);
    expect(JSON.stringify(keys)).toContain(secret.slice(-4));
  });

  it("a tenant without a policy of its own is served nothing", async () => {
    expect([(await operated.chat("hi", secret)).status]).toEqual([403]);
  });

  it("revokes at once", async () => {
    const revoked = await operated.admin("DELETE", `/admin/keys/${key}`);
    expect([revoked.status, typeof revoked.body["revoked_at"]]).toEqual([200, "number"]);
    expect((await operated.ask({ method: "GET", path: "/v1/models", key: secret })).status).toBe(401);
  });

  it.each<readonly [string, string, string, unknown, number]>([
    ["an unknown field", "POST", "/admin/tenants", { id: "x", msp: "msp-alpine", name: "X", default_class: "public", admin: true }, 400],
    ["an unknown MSP", "POST", "/admin/tenants", { id: "x", msp: "nobody", name: "X", default_class: "public" }, 404],
    ["an unknown class", "POST", "/admin/tenants", { id: "x", msp: "msp-alpine", name: "X", default_class: "cosmic" }, 400],
    ["an id that is none", "POST", "/admin/tenants", { id: "../x", msp: "msp-alpine", name: "X", default_class: "public" }, 400],
    ["an id that is taken", "POST", "/admin/tenants", { id: "newcomer", msp: "msp-alpine", name: "X", default_class: "public" }, 400],
    ["an id that the file has", "POST", "/admin/tenants", { id: "tenant-a", msp: "msp-alpine", name: "X", default_class: "public" }, 400],
    ["an unknown tenant", "POST", "/admin/projects", { id: "y", tenant: "nobody", name: "Y" }, 404],
    ["an unknown project", "POST", "/admin/keys", { project: "nobody", name: "z" }, 404],
    ["an end in the past", "POST", "/admin/keys", { project: "newcomer-one", name: "z", expires_at: "2001-01-01T00:00:00Z" }, 400],
    ["a range that is none", "POST", "/admin/keys", { project: "newcomer-one", name: "z", cidrs: ["300.0.0.0/8"] }, 400],
    ["a key that is not there", "DELETE", "/admin/keys/key_nothing", undefined, 404],
    ["a key of the file", "DELETE", "/admin/keys/key-alpine", undefined, 400],
    ["no JSON object", "POST", "/admin/keys", [], 400],
    ["an unknown route", "GET", "/admin/nothing", undefined, 404],
    ["an unknown project's keys", "GET", "/admin/keys?project=%25", undefined, 200],
  ])("refuses %s", async (_, method, path, body, status) => {
    const answer = await operated.admin(method, path, body === undefined ? {} : { body });
    expect([answer.status, answer.body]).toEqual([status, expect.anything()]);
    if (status >= 400) expect(answer.body).toMatchObject({ error: { message: expect.any(String), type: "invalid_request_error" } });
  });

  it("is for the admin key alone, and the admin key for nothing else", async () => {
    for (const wrong of ["sk-wrong", KEYS.alpine]) expect((await operated.admin("GET", "/admin/keys", { key: wrong })).status).toBe(401);
    expect((await operated.ask({ method: "GET", path: "/v1/models", key: ADMIN_KEY })).status).toBe(401);
  });
});

describe("usage", () => {
  it("and costs add up to what was served", async () => {
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => operated.chat("[[tokens:7]]", KEYS.bravo, "x")),
      ...Array.from({ length: 6 }, (_, at) => operated.chat(`[[tokens:${at + 3}]]`)),
    ]);
    const served = answers.filter(({ status }) => status === 200).map(({ body }) => JSON.parse(body).usage);
    expect(served).toHaveLength(6);
    const start = Math.floor(Date.now() / 1000) - 3_600;
    const sum = (name: string): number => served.reduce((total, usage) => total + Number(usage[name]), 0);
    const cached = served.reduce((total, usage) => total + Number(usage.prompt_tokens_details?.cached_tokens ?? 0), 0);
    const micro = sum("prompt_tokens") - cached * 0.5 + sum("completion_tokens") * 2;
    const usage = JSON.parse(
      (await operated.ask({ method: "GET", path: `/v1/organization/usage/completions?start_time=${start}` })).body,
    ).data.flatMap(({ results }: { results: unknown[] }) => results);
    const costs = await operated.admin("GET", `/v1/organization/costs?tenant=tenant-a&start_time=${start}`);
    expect(usage).toEqual([
      expect.objectContaining({ input_tokens: sum("prompt_tokens"), output_tokens: sum("completion_tokens"), num_model_requests: 6 }),
    ]);
    const amounts =
      JSON.stringify(costs.body)
        .match(/"value":[\d.e-]+/g)
        ?.map((text) => Number(text.slice(8))) ?? [];
    expect(amounts.reduce((total, value) => total + value, 0) * 1e6).toBeCloseTo(micro, -1);
    expect(settlements(operated.dataDir).reduce((total, { amount }) => total + amount, 0)).toBe(
      Math.round(amounts.reduce((total, value) => total + value, 0) * 1e6),
    );
  });
});

describe("what is seen from outside", () => {
  it("a thousand odd paths leave the metrics as they were", async () => {
    await operated.ask({ method: "GET", path: "/v1/nothing" });
    const series = async (): Promise<number> => String((await operated.admin("GET", "/metrics")).body["text"]).split("\n").length;
    const before = await series();
    const agent = { port: operated.port, pieces: [Buffer.concat(Array.from({ length: 1_000 }, (_, at) => oddRequest(at)))] };
    const { bytes } = await raw(agent);
    expect(bytes.match(/HTTP\/1\.1 4\d\d/g)?.length).toBe(1_000);
    const text = String((await operated.admin("GET", "/metrics")).body["text"]);
    expect(text).not.toMatch(/odd|route="[^"]*%/);
    expect((await series()) - before).toBeLessThan(200);
  });

  it("every request has one line in the log, and nothing of its content is in any", async () => {
    const answers = await Promise.all([
      operated.chat(`[[say:${CANARY.answer}]] ${CANARY.prompt}`),
      operated.chat(`[[fail:500]] ${CANARY.prompt}`),
      operated.ask({ body: { model: CANARY.prompt, messages: [{ role: "user", content: CANARY.prompt }] } }),
      operated.ask({ body: { model: MODEL, messages: CANARY.prompt } }),
      operated.ask({ path: "/v1/embeddings", body: { model: MODELS.alpine.embedding, input: CANARY.prompt } }),
      operated.ask({ path: "/v1/completions", body: { model: MODELS.alpine.triton, prompt: `[[say:${CANARY.answer}]] ${CANARY.prompt}` } }),
      operated.ask({ method: "GET", path: `/v1/models/${CANARY.path}` }),
      operated.ask({ method: "GET", path: `/${CANARY.path}?x=${CANARY.query}` }),
      operated.ask({ method: "GET", path: "/v1/models", key: "sk-canary-in-the-key" }),
    ]);
    const named = answers.map(({ headers }) => headers["x-request-id"] ?? "");
    expect(new Set(named).size).toBe(answers.length);
    const lines = (id: string): number => operated.gateway.log.filter((line) => line["request"] === id).length;
    await until("the log is written", () => named.every((id) => lines(id) > 0), 2_000);
    expect(named.map(lines)).toEqual(named.map(() => 1));
    expect(secretsIn(operated.gateway.output)).toEqual([]);
  });

  it("nor on the disk", () => {
    for (const path of readdirSync(operated.dataDir, { recursive: true, withFileTypes: true })) {
      if (path.isFile()) expect([path.name, secretsIn(readFileSync(join(path.parentPath, path.name), "latin1"))]).toEqual([path.name, []]);
    }
  });
});

function oddRequest(at: number): Buffer {
  const paths = [`/odd/${at}`, `/v1/models/odd-${at}`, `/v1/ch%61t/completions?odd=${at}`, `/v1/chat/completions/odd${at}`, `/%6fdd${at}`];
  const text = request({
    method: at % 3 === 0 ? "POST" : "GET",
    path: paths[at % paths.length] ?? "",
    headers: [bearer(KEYS.alpine)],
    body: "",
  }).toString();
  return Buffer.from(at === 999 ? text : text.replace("connection: close", "connection: keep-alive"));
}

/** Which of the things that must stay out of sight stand in a text. */
function secretsIn(text: string): readonly string[] {
  const hidden = [...Object.values(CANARY), ...Object.values(KEYS), ADMIN_KEY, "sk-canary-in-the-key"];
  return hidden.filter((secret) => text.includes(secret));
}

describe("reload", () => {
  const loaded = (what: string): number => operated.gateway.log.filter(({ msg }) => msg === what).length;
  const TAKEN = "configuration taken";
  const REFUSED = "configuration not taken; the old one keeps running";

  it("by a changed file: the next request goes by the narrower law, a running stream goes on", async () => {
    const stream = new OpenStream({ port: operated.port, key: KEYS.alpine, model: MODEL, tokens: 400 });
    await until("it streams", () => stream.frames > 0);
    operated.write({ tenantCountries: "[FR]" });
    await until("the file is taken", async () => (await operated.chat("hi")).status === 403);
    expect(errorOf(await operated.chat("hi"))?.["code"]).toMatch(/^SOV_/);
    await until("the stream ends", () => stream.closed);
    expect(stream.done).toBe(true);
    await until("the log says so", () => loaded(TAKEN) === 1);
  });

  it("by SIGHUP", async () => {
    operated.write({});
    operated.gateway.signal("SIGHUP");
    await until("the file is taken", async () => (await operated.chat("hi")).status === 200);
  });

  it("of a bad file keeps the old one and says why", async () => {
    writeFileSync(operated.file, `${readFileSync(operated.file, "utf8")}\nnonsense: true\n`);
    operated.gateway.signal("SIGHUP");
    await until("the log says so", () => loaded(REFUSED) > 0);
    const line = operated.gateway.log.find(({ msg }) => msg === REFUSED);
    expect(JSON.stringify(line?.["problems"])).toMatch(/bailiwick\.yaml:\d+:.*nonsense/);
    expect((await operated.chat("hi")).status).toBe(200);
    operated.write({});
    await until("the file is good again", () => loaded(TAKEN) >= 3);
  });
});
