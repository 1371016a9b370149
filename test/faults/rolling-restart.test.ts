/** Engines that are restarted one after the other while callers go on asking: who had not got a first byte gets an answer all the same. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { until } from "../edge/support/until.ts";
import { ledgerRows } from "./support/case-runs.ts";
import { ChildEngine } from "./support/child-engines.ts";
import { ClosedLoop } from "./support/closed-loop.ts";
import { FaultyFleet } from "./support/fleet.ts";

const MODEL = "rolling";
const CALLERS = 12;
const DEADLINES = { firstByteMs: 10_000, betweenBytesMs: 5_000, totalMs: 20_000 };
const SPREAD = "routing: { picker: power-of-two }";

let engines: readonly ChildEngine[] = [];
let fleet: FaultyFleet;

beforeAll(async () => {
  engines = await Promise.all([ChildEngine.start(), ChildEngine.start(), ChildEngine.start()]);
  const places = [{ model: MODEL, urls: engines.map(({ url }) => url), spare: false }];
  fleet = await FaultyFleet.start({ places, deadlines: DEADLINES, routing: SPREAD });
}, 40_000);

afterAll(async () => {
  await fleet.stop();
  await Promise.all(engines.map((engine) => engine.end("SIGKILL")));
  fleet.remove();
});

const isUp = (at: number): boolean =>
  fleet.routing
    .snapshot()
    .some(
      ({ backend, up, models }) => backend === `bad-${String(at)}-${MODEL}` && up && models.every(({ breaker }) => breaker === "closed"),
    );

describe.each(["SIGTERM", "SIGKILL"] as const)("a rolling restart by %s", (signal) => {
  it("loses no request that had not got its first byte", { timeout: 60_000 }, async () => {
    const loop = new ClosedLoop({ port: fleet.port, model: MODEL, callers: CALLERS });
    for (const [at, engine] of engines.entries()) {
      const before = loop.served;
      await until("it runs", () => loop.served > before + CALLERS * 2, 10_000);
      await engine.end(signal);
      const without = loop.served;
      await until("it runs without that engine", () => loop.served > without + CALLERS, 10_000);
      await engine.start();
      await until("the engine is used again", () => isUp(at), 10_000);
    }
    const tally = await loop.stop();
    expect(tally.lost).toEqual([]);
    expect(tally.served + tally.brokenOff).toBe(tally.sent);
    expect(tally.served).toBeGreaterThan(CALLERS * 9);
  });
});

it("each request has one settlement, and none is charged for what it did not get", async () => {
  await until("everything is settled", () => fleet.holdsOpen === 0);
  await fleet.stop();
  const rows = ledgerRows(fleet.dataDir);
  expect(new Set(rows.map(({ request }) => request)).size).toBe(rows.length);
  expect(rows.filter(({ outcome, usage_source }) => outcome === "served" && usage_source !== "backend")).toEqual([]);
  expect(rows.every(({ amount, held }) => amount <= held)).toBe(true);
  expect(fleet.trespasses).toEqual([]);
});
