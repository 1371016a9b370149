/** #6, the other way round: what a proxy says that the operator trusts is believed, and no more than that. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, errorOf, raw, type RawAnswer, request } from "../edge/support/raw.ts";
import { HOSTS, KEYS } from "./support/estate.ts";
import { chat, Siege } from "./support/siege.ts";

/** The proxy speaks from here; everybody else is a stranger. */
const PROXY = "127.0.5.1";
const STRANGER = "127.0.6.1";

let siege: Siege;
beforeAll(async () => void (siege = await Siege.lay({ trustedProxies: ["127.0.5.0/24", "10.0.0.0/8"] })), 40_000);
afterAll(() => siege.lift());

const OFFICE = bearer(KEYS.office);
const by = (from: string, ...headers: readonly string[]): Promise<RawAnswer> => siege.ask({ host: "inside.test", headers }, from);

describe("#6 a trusted proxy", () => {
  it("names the host that its caller asked for", async () => {
    expect((await by(PROXY, bearer(KEYS.alpha), "x-forwarded-host: alpha.test")).status).toBe(200);
    expect((await by(PROXY, bearer(KEYS.beta), "x-forwarded-host: BETA.test")).status).toBe(200);
    expect((await by(PROXY, bearer(KEYS.beta), "x-forwarded-host: alpha.test")).status).toBe(401);
  });

  it("and only one", async () => {
    for (const lines of [
      ["x-forwarded-host: alpha.test, beta.test"],
      ["x-forwarded-host: alpha.test", "x-forwarded-host: beta.test"],
      ["forwarded: host=alpha.test"],
      [],
    ])
      expect((await by(PROXY, bearer(KEYS.alpha), ...lines)).status).toBe(421);
  });

  it("names the caller's address, whatever its caller has written before it", async () => {
    const host = "x-forwarded-host: alpha.test";
    const statusOf = async (forwarded: string): Promise<number> => (await by(PROXY, OFFICE, host, `x-forwarded-for: ${forwarded}`)).status;
    expect(await statusOf("192.0.2.7")).toBe(200);
    expect(await statusOf("192.0.2.7:4711")).toBe(200);
    expect(await statusOf("192.0.2.7, 10.1.1.1")).toBe(200); // a second proxy of ours
    expect(await statusOf("192.0.2.7, 203.0.113.5")).toBe(401); // forged on the left, real on the right
    expect(await statusOf("192.0.2.7, unknown")).toBe(401);
    expect(await statusOf("203.0.113.5")).toBe(401);
  });

  it("names it by that header alone", async () => {
    for (const line of ["x-real-ip: 192.0.2.7", "forwarded: for=192.0.2.7", "true-client-ip: 192.0.2.7"])
      expect((await by(PROXY, OFFICE, "x-forwarded-host: alpha.test", line)).status).toBe(401);
  });

  it("is not held to be its callers: each has a count of wrong keys of its own", async () => {
    const guess = (address: string): Promise<RawAnswer> =>
      by(PROXY, bearer("sk-guess"), "x-forwarded-host: alpha.test", `x-forwarded-for: ${address}`);
    const tries = await Promise.all(Array.from({ length: 70 }, () => guess("203.0.113.66")));
    expect(tries.some(({ status }) => status === 429)).toBe(true);
    expect((await guess("203.0.113.67")).status).toBe(401);
  });

  it("a stranger beside it is believed nothing", async () => {
    const lies = ["x-forwarded-host: alpha.test", "x-forwarded-for: 192.0.2.7"];
    expect((await by(STRANGER, bearer(KEYS.alpha), ...lies)).status).toBe(421);
    const answer = await siege.ask({ host: HOSTS.alpha, headers: [OFFICE, ...lies] }, STRANGER);
    expect([answer.status, errorOf(answer)?.["code"]]).toEqual([401, "ip_not_authorized"]);
  });
});

describe("a port of one MSP", () => {
  const at = (key: string, host: string): Promise<RawAnswer> =>
    raw({ port: siege.boundPort, pieces: [request({ ...chat({ key, host }) })] });

  it("answers for it under every name, though it has none of its own", async () => {
    for (const host of ["anything.test", HOSTS.alpha, "127.0.0.1:80"]) expect((await at(KEYS.bound, host)).status).toBe(200);
    const none = `GET /v1/models HTTP/1.1\r\n${bearer(KEYS.bound)}\r\nconnection: close\r\n\r\n`;
    expect((await raw({ port: siege.boundPort, pieces: [none] })).status).toBe(200);
  });

  it("and for nobody else, with its own people's help", async () => {
    const answer = await at(KEYS.alpha, HOSTS.alpha);
    expect([answer.status, answer.body]).toEqual([401, expect.stringContaining("Help: https://bound.test/help")]);
    expect((await siege.ask({ host: "bound.test", headers: [bearer(KEYS.bound)] })).status).toBe(421);
  });
});
