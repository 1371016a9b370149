/** #1, #5, #8, #9, #45: who asks. Wrong credentials all look alike, take alike long, and open nothing; tenants are strangers. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BOUNDS } from "../../src/bounds.ts";
import { mspId } from "../../src/domain/ids.ts";
import { authenticate } from "../../src/stages/authenticate.ts";
import { ADMIN_KEY } from "../edge/support/estate.ts";
import { bearer, errorOf, type RawAnswer } from "../edge/support/raw.ts";
import { arrivalOf, bench } from "../unit/stages/fixture.ts";
import { HOSTS, KEYS } from "./support/estate.ts";
import { chat, Siege } from "./support/siege.ts";

let siege: Siege;
beforeAll(async () => void (siege = await Siege.lay()), 40_000);
afterAll(() => siege.lift());

const GUESS = "sk-nobody-0123456789abcdefghijklmn";

describe("#1 a credential like", () => {
  const EVIL: readonly (readonly [string, string, number])[] = [
    ["a quote", "' OR 1=1--", 401],
    ["a quote without blanks", "'OR'1'='1", 401],
    ["a place holder", "$1", 401],
    ["a wildcard", "%", 401],
    ["a statement", "x;DROP/**/TABLE/**/api_key;--", 401],
    ["a prototype", "__proto__", 401],
    ["half a key", KEYS.alpha.slice(0, -1), 401],
    ["a key and more", `${KEYS.alpha}x`, 401],
    ["a key in capitals", KEYS.alpha.toUpperCase(), 401],
    ["a path", "../../etc/passwd", 401],
    ["30 kB", "x".repeat(30_000), 401],
    ["64 kB", "x".repeat(65_536), 431],
    ["NUL", "a\0b", 400],
    ["a token without algorithm", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJrZXktYWxwaGEifQ.", 401],
  ];

  it.each(EVIL)("%s opens nothing", async (_, secret, status) => {
    const answer = await siege.ask({ headers: [bearer(secret)] }, "127.0.7.1");
    expect(answer.status).toBe(status);
    expect(answer.body).not.toMatch(/sqlite|syntax|etc.passwd|from api_key/i);
    expect((await siege.ask({}, "127.0.7.2")).status).toBe(200);
  });
});

describe("#5 a key that does not work here", () => {
  const masked = ({ bytes }: RawAnswer, key: string): string =>
    bytes
      .replace(`${key.slice(0, 3)}***${key.slice(-4)}`, "KEY")
      .replace(/[0-9a-f]{32}/g, "ID")
      .replace(/date: .*/i, "");

  it("reads the same for every reason", async () => {
    const keys = [GUESS, KEYS.beta, KEYS.expired, KEYS.revoked, ADMIN_KEY];
    const shapes = await Promise.all(keys.map(async (key) => masked(await siege.ask({ headers: [bearer(key)] }, "127.0.7.3"), key)));
    expect(new Set(shapes).size).toBe(1);
    expect(shapes[0]).toMatch(/^HTTP\/1\.1 401 /);
  });

  it("takes as long for every reason, within what a network hides", async () => {
    const keys = [GUESS, KEYS.beta, KEYS.revoked];
    const took: number[][] = keys.map(() => []);
    // A new address for each round: the door counts wrong keys.
    for (let round = 0; round < 60; round += 1)
      for (const [at, key] of keys.entries()) took[at]?.push((await siege.ask({ headers: [bearer(key)] }, `127.0.8.${round + 1}`)).tookMs);
    const medians = took.map((times) => median(times.slice(5)));
    expect(Math.max(...medians) - Math.min(...medians)).toBeLessThan(Math.max(1, median(medians)));
  }, 30_000);

  it.each([
    ["unknown", undefined],
    ["of another MSP", { msp: "msp-other" }],
    ["revoked", { revokedAtMs: 1 }],
    ["expired", { expiresAtMs: 1 }],
  ])("costs one hash and one look-up when it is %s: no secret is ever compared", (_, about) => {
    const steps: string[] = [];
    const { world, principal, entered } = bench();
    const { key, msp } = principal;
    const found = about && { ...principal, key: { ...key, ...about }, msp: "msp" in about ? { ...msp, id: mspId(about.msp) } : msp };
    const hash = { ...world.hash, sha256: (text: Buffer | string) => (steps.push("hash"), world.hash.sha256(text)) };
    const directory = { byKeyHash: () => (steps.push("look-up"), found) };
    expect(() => authenticate(arrivalOf(), entered(), { hash, directory })).toThrow("Incorrect API key");
    expect(steps).toEqual(["hash", "look-up"]);
  });

  it("is counted, and the log says what the caller was told", async () => {
    const tries = await Promise.all(
      Array.from({ length: BOUNDS.failedKeysPerMinuteMax + 5 }, () => siege.ask({ headers: [bearer(GUESS)] }, "127.0.7.9")),
    );
    const away = tries.filter(({ status }) => status === 429);
    expect(away).toHaveLength(5);
    const ids = away.map(({ headers }) => headers["x-request-id"]);
    await expect.poll(() => siege.gateway.log.filter(({ request }) => ids.includes(String(request))).length).toBe(5);
    for (const line of siege.gateway.log.filter(({ request }) => ids.includes(String(request))))
      expect([line["status"], line["fault"]]).toEqual([429, "too_many_attempts"]);
    const chatted = await siege.ask({ ...chat({ key: GUESS }) }, "127.0.7.9");
    expect(chatted.status).toBe(429);
    await expect.poll(() => siege.gateway.log.find(({ request }) => request === chatted.headers["x-request-id"])?.["status"]).toBe(429);
  });
});

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

describe("#8 the administration", () => {
  const ROUTES = [
    ["GET", "/admin/tenants"],
    ["POST", "/admin/tenants"],
    ["GET", "/admin/projects"],
    ["POST", "/admin/projects"],
    ["GET", "/admin/keys"],
    ["POST", "/admin/keys"],
    ["DELETE", "/admin/keys/key-alpha"],
  ] as const;

  it.each(ROUTES)("%s %s is for its own key alone, and not on the callers' side", async (method, path) => {
    for (const key of [KEYS.alpha, GUESS, ""]) {
      const body = method === "POST" ? {} : undefined;
      expect((await siege.admin(method, path, body, key)).status).toBe(401);
    }
    expect((await siege.ask({ method, path })).status).toBe(404);
    expect((await siege.ask({ method, path, headers: [bearer(ADMIN_KEY)] })).status).toBe(404);
  });

  it("#9 gives no key more than its project's MSP sells, and takes no field that it does not know", async () => {
    const made = await siege.admin("POST", "/admin/keys", { project: "project-alpha", name: "wide", models: ["inner-chat"] });
    expect([made.status, made.text]).toEqual([400, expect.stringContaining("models")]);
    for (const more of [{ tenant: "tenant-beta" }, { admin: true }, { hash: "x" }, { budget: 1 }])
      expect((await siege.admin("POST", "/admin/keys", { project: "project-alpha", name: "wide", ...more })).status).toBe(400);
  });
});

describe("#45 tenants that say the same", () => {
  it("get answers of their own, cached under salts of their own", async () => {
    const before = siege.home.asked.length;
    const beta = { key: KEYS.beta, host: HOSTS.beta };
    for (const parts of [{}, {}, beta, beta]) expect((await siege.ask(chat(parts))).status).toBe(200);
    const salts = siege.home.asked.slice(before).map(({ body }) => String(JSON.parse(body).cache_salt));
    expect(salts).toHaveLength(4);
    expect([salts[0] === salts[1], salts[2] === salts[3], salts[0] === salts[2]]).toEqual([true, true, false]);
  });

  it("and cannot name another's salt", async () => {
    const own = JSON.parse(siege.home.asked.at(-1)?.body ?? "{}").cache_salt;
    await siege.ask(chat({ more: { cache_salt: own } }));
    expect(JSON.parse(siege.home.asked.at(-1)?.body ?? "{}").cache_salt).not.toBe(own);
  });
});

it("what only reads is bounded for each key, and no other key notices", async () => {
  const many = Array.from({ length: BOUNDS.readsPerMinuteMax + 5 }, () =>
    siege.ask({ path: "/v1/models/chat", host: HOSTS.beta, headers: [bearer(KEYS.beta)] }, "127.0.7.4"),
  );
  const limited = (await Promise.all(many)).filter(({ status }) => status === 429);
  expect(limited.length).toBe(5);
  expect(limited.map((answer) => errorOf(answer)?.["code"])).toContain("rate_limit_exceeded");
  expect(Number(limited[0]?.headers["retry-after"])).toBeGreaterThan(0);
  expect((await siege.ask({})).status).toBe(200);
  expect((await siege.ask(chat({ key: KEYS.beta, host: HOSTS.beta }))).status).toBe(200);
});
