/** Several processes share one window and one budget: together they admit what one alone would, and not a request more. */
import { afterEach, describe, expect, it } from "vitest";
import { errorOf } from "../edge/support/raw.ts";
import { settlements } from "../edge/support/settlements.ts";
import { until } from "../edge/support/until.ts";
import { Several } from "./support/several.ts";

let several: Several;
afterEach(() => several.remove(), 60_000);

/** So many requests, so many at once; gives their statuses. */
async function ask(count: number, atOnce: number, tokens = 2): Promise<readonly number[]> {
  const statuses: number[] = [];
  let left = count;
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      while (left-- > 0) statuses.push((await several.chat(tokens)).status);
    }),
  );
  return statuses;
}

const admitted = (statuses: readonly number[]): number => statuses.filter((status) => status === 200).length;

describe("four processes", () => {
  it("admit a hundred a minute of four hundred", async () => {
    several = await Several.make("{ requests_per_minute: 100 }");
    await several.start(4);
    const statuses = await ask(400, 16);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    expect(admitted(statuses)).toBeLessThanOrEqual(100);
    expect(admitted(statuses)).toBeGreaterThanOrEqual(95);
    const refused = await several.chat();
    expect(Number(refused.headers["retry-after-ms"])).toBeGreaterThan(10_000);
    // Four processes write to one pipe: no line is torn by another's.
    const logged = (): readonly string[] => several.logged.trimEnd().split("\n");
    await until("all are logged", () => logged().length >= 401);
    for (const line of logged()) expect(() => void JSON.parse(line), line).not.toThrow();
  }, 90_000);

  it("never overdraw a budget, and spend it to the last request", async () => {
    // A token costs 0.001: 100 requests of 2 tokens.
    several = await Several.make('{ budget_per_month: "0.2" }');
    await several.start(4);
    const statuses = await ask(300, 16);
    expect(admitted(statuses)).toBe(100);
    const refused = await several.chat();
    expect(errorOf(refused)).toMatchObject({ code: "insufficient_quota" });
    several.signal("SIGTERM");
    expect(await several.ended()).toBe(0);
    expect(settlements(several.dataDir).reduce((sum, { amount }) => sum + amount, 0)).toBe(200_000);
  }, 90_000);

  it("hold a number of requests at the same time", async () => {
    several = await Several.make("{ concurrency: 8 }");
    await several.start(4);
    const statuses = await Promise.all(Array.from({ length: 40 }, async () => (await several.chat(200)).status));
    expect(admitted(statuses)).toBe(8);
    expect((await several.chat()).status).toBe(200);
  }, 90_000);
});

describe("a budget", () => {
  it("outlives the death of a process, with what it had running", async () => {
    several = await Several.make('{ budget_per_month: "0.2" }');
    await several.start(2);
    expect(admitted(await ask(60, 4))).toBe(60);
    // Their settlements are written: an answer is there a moment before.
    expect((await several.admin("GET", "/v1/organization/usage/completions?tenant=filed&start_time=1790000000")).status).toBe(200);
    for (const pid of several.members) process.kill(pid, "SIGKILL");
    let again = 0;
    // Until others stand in their place there is nobody to answer.
    for (const untilMs = performance.now() + 40_000; again < 40 && performance.now() < untilMs;) {
      const answer = await several.chat().catch(() => undefined);
      if (answer?.status === 200) again += 1;
    }
    expect(again).toBe(40);
    expect(errorOf(await several.chat())).toMatchObject({ code: "insufficient_quota" });
  }, 90_000);

  it("outlives the death of all of them, and goes on in one process", async () => {
    several = await Several.make('{ budget_per_month: "0.2" }');
    await several.start(2);
    expect(admitted(await ask(60, 4))).toBe(60);
    several.signal("SIGKILL");
    await several.ended();
    await several.start(1);
    expect(admitted(await ask(60, 4))).toBe(40);
  }, 90_000);
});
