/** What the servers themselves count: how often a failing fleet is asked, and how soon it is asked again. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BOUNDS } from "../../src/bounds.ts";
import { errorOf, type RawAnswer } from "../edge/support/raw.ts";
import { until } from "../edge/support/until.ts";
import { good, json } from "./support/answers.ts";
import { ask } from "./support/ask.ts";
import { FaultyFleet } from "./support/fleet.ts";
import { Scripted, type Turn } from "./support/scripted.ts";

const busy = (turn: Turn): void => turn.write(json({}, "429 Too Many Requests"));
const failing = (turn: Turn): void => turn.write(json({}, "500 Internal Server Error"));
const REQUESTS = 100;

let fleet: FaultyFleet;
let servers: readonly Scripted[] = [];
let well = false;

const sometimes = (turn: Turn): void => (well ? turn.write(good(turn.body)) : failing(turn));
/** Takes requests and answers none, until the machine under it goes. */
const dying = (): void => undefined;
const slowly = (turn: Turn): void => void setTimeout(() => sometimes(turn), 150);

beforeAll(async () => {
  servers = await Promise.all([busy, busy, busy, busy, busy, busy, slowly, dying].map((script) => Scripted.start(script)));
  const [first, second, a, b, c, d, breaking, dead] = servers.map(({ url }) => url);
  const some = (...urls: readonly (string | undefined)[]): string[] => urls.filter((url) => url !== undefined);
  fleet = await FaultyFleet.start({
    places: [
      { model: "budget", urls: some(first, second), spare: false },
      { model: "many", urls: some(a, b, c, d), spare: false },
      { model: "breaking", urls: some(breaking), spare: false },
      { model: "dying", urls: some(dead), spare: true },
    ],
  });
});

afterAll(async () => {
  await fleet.stop();
  await Promise.all(servers.map((server) => server.close()));
  fleet.remove();
});

const turnsOf = (at: number): number => servers[at]?.turns.length ?? -1;
const code = (answer: RawAnswer): string => `${String(answer.status)} ${String(errorOf(answer)?.["code"])}`;
const several = (model: string, count: number): Promise<RawAnswer[]> =>
  Promise.all(Array.from({ length: count }, () => ask({ port: fleet.port, model })));

describe("attempts", () => {
  it("are as many as bounds allow, however many backends there are", async () => {
    expect(code(await ask({ port: fleet.port, model: "many" }))).toBe("503 engine_overloaded");
    expect([2, 3, 4, 5].map(turnsOf)).toEqual([1, 1, 1, 0]);
  });

  it("after the first come out of a budget: a busy fleet is not buried under its own retries", async () => {
    const answers = await several("budget", REQUESTS);
    expect(new Set(answers.map(code))).toEqual(new Set(["503 engine_overloaded"]));
    expect(turnsOf(0)).toBe(REQUESTS);
    // Two of the budget have been spent on the test before this one.
    expect(turnsOf(1)).toBeGreaterThanOrEqual(BOUNDS.retryBudgetMin - 2);
    expect(turnsOf(1)).toBeLessThanOrEqual(Math.ceil((REQUESTS + 1) * BOUNDS.retryBudgetRatio));
  });
});

describe("an engine that dies under its requests", () => {
  it("costs none of them its answer: sending again what nobody works on any more takes nothing from the budget", async () => {
    const asked = several("dying", REQUESTS);
    await until("it has them all", () => turnsOf(7) === REQUESTS);
    for (const { socket } of servers[7]?.turns ?? []) socket.resetAndDestroy();
    expect(new Set((await asked).map(({ status }) => status))).toEqual(new Set([200]));
    expect(turnsOf(7)).toBe(REQUESTS);
  });
});

describe("the breaker", () => {
  const AT = 6;

  it("opens after so many failures in a row, and then nothing is sent", async () => {
    for (let sent = 0; sent < BOUNDS.breakerFailuresMax; sent += 1) {
      expect(code(await ask({ port: fleet.port, model: "breaking" }))).toBe("502 engine_failed");
    }
    expect(new Set((await several("breaking", 5)).map(code))).toEqual(new Set(["503 SOV_NO_ADMISSIBLE_HEALTHY"]));
    expect(turnsOf(AT)).toBe(BOUNDS.breakerFailuresMax);
  });

  it("lets one request through after its pause, however many wait", async () => {
    await until("the pause is over", async () => (await several("breaking", 5)).some((answer) => answer.status === 502));
    expect(turnsOf(AT)).toBe(BOUNDS.breakerFailuresMax + 1);
  });

  it("closes when a trial succeeds", async () => {
    well = true;
    await until("a trial succeeds", async () => (await ask({ port: fleet.port, model: "breaking" })).status === 200);
    expect(new Set((await several("breaking", 10)).map(({ status }) => status))).toEqual(new Set([200]));
  });
});
