/** #47 and #48: a canary in everything that must stay where it is, then a search in every place where anything may be read. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMIN_KEY } from "../edge/support/estate.ts";
import { bearer, raw, type RawAnswer, type RawRequest, request } from "../edge/support/raw.ts";
import { until } from "../edge/support/until.ts";
import { chunk, failing, paced, saying, type Script, streaming, usageFrame, USAGE } from "./support/engine.ts";
import { ENGINE_SECRET, HOSTS, KEYS } from "./support/estate.ts";
import { chat, JSON_TYPE, Siege } from "./support/siege.ts";

let siege: Siege;
beforeAll(async () => void (siege = await Siege.lay()), 40_000);
afterAll(() => siege.lift());

const CANARY = {
  prompt: "canary-prompt-91f3",
  answer: "canary-answer-27ab",
  guess: "sk-canary-guess-5d10-aaaaaaaaaaaaaaaa",
  header: "canary-header-c0de",
  query: "canary-query-77aa",
  file: "canary-trailer-3e3e",
} as const;

const hashesOf = (secret: string): readonly string[] =>
  (["hex", "base64url", "base64"] as const).map((form) => createHash("sha256").update(secret).digest(form));

/** Content and secrets: nowhere but where they belong. */
const SECRETS: readonly string[] = [...Object.values(KEYS), CANARY.guess, ADMIN_KEY, ENGINE_SECRET];
const HASHES: readonly string[] = SECRETS.flatMap(hashesOf);
const CONTENT: readonly string[] = [CANARY.prompt, CANARY.answer, CANARY.header, CANARY.query, CANARY.file];
/** What an error may not tell a caller: its own prompt it knows, but no engine's secret and no engine's words beyond the filter. */
const UNTOLD: readonly string[] = [...SECRETS, ...HASHES, CANARY.header, "rack-home", "inner-chat", "weights-of-war"];

const found = (text: string, hidden: readonly string[]): readonly string[] => hidden.filter((secret) => text.includes(secret));

const ECHO = (response: Parameters<Script>[0], asked: Parameters<Script>[1], status: number): void =>
  failing(
    status,
    JSON.stringify({
      error: {
        message: `bad request with ${asked.headers.authorization ?? ""} and ${CANARY.answer}`,
        type: "x",
        param: null,
        code: status,
      },
    }),
  )(response, asked);

/** What an engine may do with what it was told. */
const ENGINES: readonly (readonly [string, Script])[] = [
  ["well", saying(CANARY.answer)],
  ...[400, 401, 403, 404, 413, 422, 429, 500, 503].map((status): [string, Script] => [
    `${status}, saying all it knows`,
    (response, asked) => ECHO(response, asked, status),
  ]),
  ["a page", failing(502, `<html>${CANARY.answer} ${ENGINE_SECRET}</html>`, "text/html")],
  ["no JSON", failing(200, `{"choices":[{"message":{"content":"${CANARY.answer}`)],
  ["JSON that is none of ours", failing(200, JSON.stringify([CANARY.answer, ENGINE_SECRET]))],
  ["an error with 200", failing(200, JSON.stringify({ error: { message: ENGINE_SECRET } }))],
  ["a stream that breaks", paced([chunk({ content: CANARY.answer }), `data: {"choices":[{"delta":{"content":"${CANARY.answer}\n\n`])],
  [
    "an error in a stream",
    paced([chunk({ content: "x" }), `data: ${JSON.stringify({ error: { message: `${ENGINE_SECRET} ${CANARY.answer}`, code: 400 } })}\n\n`]),
  ],
  ["a reset", (response) => void response.destroy()],
  [
    "usage with words in it",
    streaming([chunk({ content: "x" }), chunk({}, "stop"), usageFrame({ ...USAGE, note: CANARY.answer, prompt_tokens: CANARY.answer })]),
  ],
  [
    "headers with secrets",
    (response, asked) => {
      response
        .setHeader("x-debug", ENGINE_SECRET)
        .setHeader("set-cookie", CANARY.answer)
        .setHeader("warning", asked.headers.authorization ?? "");
      failing(500, "{}")(response, asked);
    },
  ],
];

/** What a caller may do wrong, each with something in it that must not be kept. */
function mistakes(): readonly (readonly [string, RawRequest])[] {
  const extra = [`x-secret: ${CANARY.header}`, `cookie: ${CANARY.header}`];
  const post = (body: string): RawRequest => ({ ...chat({ headers: extra }), body });
  return [
    ["no JSON", post(`{"model":"chat","messages":"${CANARY.prompt}`)],
    ["another type", post(JSON.stringify({ model: "chat", messages: CANARY.prompt }))],
    ["an unknown model", chat({ model: CANARY.prompt })],
    ["a member too many", chat({ more: { [CANARY.prompt]: CANARY.prompt, n: CANARY.prompt } })],
    ["no UTF-8", { ...chat(), body: Buffer.from(`{"a":"${CANARY.prompt}\xff"}`, "latin1") }],
    ["a wrong key", { ...chat({ key: CANARY.guess }) }],
    ["two keys", chat({ headers: [`x-api-key: ${CANARY.guess}`] })],
    ["a basic key", { ...chat(), headers: [JSON_TYPE, `authorization: Basic ${CANARY.header}`] }],
    ["the key in the query", { method: "GET", path: `/v1/models?api_key=${KEYS.alpha}&q=${CANARY.query}` }],
    ["the key in the path", { method: "GET", path: `/v1/models/${KEYS.beta}` }],
    ["an unknown path", { method: "GET", path: `/v1/${CANARY.query}` }],
    ["an unknown host", chat({ host: `${CANARY.query}.test` })],
    ["a requirement that is none", chat({ headers: [`sovereignty-require: ${CANARY.header}`] })],
    ["an idempotency key", chat({ headers: [`idempotency-key: ${CANARY.header}`] })],
    ["an expectation", chat({ headers: [`expect: ${CANARY.header}`] })],
    ["a method", { method: "TRACE", path: `/${CANARY.query}`, headers: extra }],
    ["a place that is forbidden", chat({ say: CANARY.prompt, model: "away", headers: extra })],
    ["compression", chat({ say: CANARY.prompt, headers: ["content-encoding: gzip"] })],
    ["no HTTP", { method: "GET", path: "/", headers: [`x y: ${CANARY.header}`] }],
    [
      "a user's name",
      chat({ say: CANARY.prompt, more: { user: CANARY.prompt, metadata: { a: CANARY.prompt }, safety_identifier: CANARY.prompt } }),
    ],
  ];
}

const OWN_WORDS: ReadonlyMap<string, string> = new Map([
  ["the key in the path", KEYS.beta],
  ["a requirement that is none", CANARY.header],
]);

const asked: RawAnswer[] = [];

describe("#47 what a caller reads", () => {
  it.each(ENGINES)("when the engine answers: %s", async (_, script) => {
    for (const more of [{}, { stream: true }]) {
      siege.home.script = script;
      const answer = await siege.ask(chat({ say: CANARY.prompt, more, headers: [`x-secret: ${CANARY.header}`] }));
      asked.push(answer);
      expect(found(answer.bytes, UNTOLD)).toEqual([]);
      if (answer.status >= 500) expect(found(answer.bytes, CONTENT)).toEqual([]);
      await siege.recover();
    }
  });

  it("when it does something wrong", async () => {
    for (const [name, sent] of mistakes()) {
      const answer = await siege.ask(sent);
      asked.push(answer);
      // Its own words may come back to it, where a message says what was wrong with them; keys never.
      const own = UNTOLD.filter((secret) => !(OWN_WORDS.get(name) === secret));
      expect([name, found(answer.bytes, own)]).toEqual([name, []]);
      expect([name, answer.status >= 200]).toEqual([name, true]);
    }
    siege.heal();
  });
});

describe("#47 what an operator reads", () => {
  it("in the log: a line for each request, and nothing of what it said", async () => {
    const ids = asked.map(({ headers }) => headers["x-request-id"]).filter((id) => id !== undefined);
    expect(ids.length).toBeGreaterThan(40);
    const lines = (): number => siege.gateway.log.filter(({ request: id }) => ids.includes(String(id))).length;
    await until("the log is written", () => lines() >= ids.length - 3); // what never became a request has no line
    expect(found(siege.gateway.output, [...CONTENT, ...SECRETS, ...HASHES])).toEqual([]);
  });

  it("in the metrics and over the administration: names and numbers", async () => {
    await siege.admin("POST", "/admin/keys", { project: "project-alpha", name: "made" });
    const start = Math.floor(Date.now() / 1000) - 3_600;
    const paths = [
      "/metrics",
      "/admin/keys",
      "/admin/tenants",
      "/admin/projects",
      `/v1/organization/costs?tenant=tenant-alpha&start_time=${start}`,
      "/healthz",
      "/readyz",
      `/admin/${CANARY.query}`,
    ];
    const answers = await Promise.all(paths.map((path) => siege.admin("GET", path)));
    expect(answers.slice(0, 4).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    for (const { text } of answers) expect(found(text, [...CONTENT, ...SECRETS, ...HASHES])).toEqual([]);
  });

  it("on the disk: no content, no secret", () => {
    const files = readdirSync(siege.dataDir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
    expect(files.length).toBeGreaterThan(1);
    for (const { parentPath, name } of files)
      expect([name, found(readFileSync(join(parentPath, name), "latin1"), [...CONTENT, ...SECRETS])]).toEqual([name, []]);
  });

  it("the search finds what is there", () => {
    expect(found(readFileSync(siege.file, "utf8"), HASHES).length).toBeGreaterThan(0);
    expect(found(siege.home.asked.map(({ body }) => body).join(" "), CONTENT)).toContain(CANARY.prompt);
    expect(found(JSON.stringify(siege.home.asked.map(({ headers }) => headers)), SECRETS)).toEqual([ENGINE_SECRET]);
  });
});

describe("#48 the number of series", () => {
  const series = async (): Promise<number> => (await siege.metrics()).split("\n").length;

  it("is bounded by what is declared, whatever callers make up", async () => {
    const odd = (at: number): RawRequest => {
      const kinds: readonly RawRequest[] = [
        chat({ model: `made-up-${at}` }),
        { method: "GET", path: `/v1/made-up-${at}` },
        { method: "GET", path: `/v1/models/made-up-${at}` },
        { method: `MADEUP${at}`, path: "/v1/models" },
        chat({ key: `sk-made-up-${at}-aaaaaaaaaaaaaaaa` }),
        chat({ host: `made-up-${at}.test` }),
        chat({ more: { user: `made-up-${at}` }, headers: [`x-made-up-${at}: 1`, `openai-organization: made-up-${at}`] }),
        { method: "GET", path: `/v1/organization/costs?start_time=${at}` },
      ];
      return kinds[at % kinds.length] ?? {};
    };
    const bytes = (at: number): Buffer => {
      const sent = { method: "GET", path: "/v1/models", host: HOSTS.alpha, headers: [bearer(KEYS.alpha)], ...odd(at) };
      return request(sent);
    };
    for (let at = 0; at < 80; at += 1) await raw({ port: siege.port, pieces: [bytes(at)] });
    const before = await series();
    for (let at = 80; at < 2_000; at += 40)
      await Promise.all(Array.from({ length: 40 }, (_, more) => raw({ port: siege.port, pieces: [bytes(at + more)] })));
    const text = await siege.metrics();
    expect(text).not.toMatch(/made-up|MADEUP/);
    expect((await series()) - before).toBeLessThan(60);
  }, 60_000);
});
