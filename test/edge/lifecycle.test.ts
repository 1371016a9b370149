/** How a gateway ends: suddenly, and in order. Each part goes on where the last one ended. */
import Database from "better-sqlite3";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { HOSTS, KEYS, MODELS } from "./support/estate.ts";
import { Operated } from "./support/operated.ts";
import { bearer, errorOf, raw, request } from "./support/raw.ts";
import { settlements } from "./support/settlements.ts";
import { OpenStream } from "./support/streams.ts";
import { until } from "./support/until.ts";

const MODEL = MODELS.alpine.vllm;

let operated: Operated;
beforeAll(async () => void (operated = await Operated.start()), 40_000);
afterAll(() => operated.stop());

describe("sudden death", () => {
  let streams: readonly OpenStream[] = [];
  let killedMs = 0;

  it("in the middle of streams", async () => {
    streams = Array.from({ length: 6 }, () => new OpenStream({ port: operated.port, key: KEYS.alpine, model: MODEL, tokens: 20_000 }));
    await until("all stream", () => streams.every(({ frames }) => frames > 0));
    await new Promise((resolve) => setTimeout(resolve, 2_600));
    killedMs = performance.now();
    operated.gateway.signal("SIGKILL");
    expect(await operated.gateway.exit()).toBeNull();
    await until("their callers know", () => streams.every(({ closed }) => closed));
    expect(streams.some(({ done }) => done)).toBe(false);
    await until("the engine is free", () => operated.engines.vllm.engine.running === 0, 1_000);
  });

  it("leaves each of them one settlement at the next start, with all but two seconds counted", async () => {
    await operated.restart();
    await until("all are in the ledger", () => crashed() >= streams.length);
    const rows = settlements(operated.dataDir);
    for (const stream of streams) {
      const own = rows.filter(({ request: id }) => id === stream.requestId);
      expect(own).toEqual([expect.objectContaining({ outcome: "crashed" })]);
      const [row] = own;
      expect(row?.completion_tokens).toBeGreaterThanOrEqual(stream.framesBy(killedMs - 2_000));
      expect(row?.completion_tokens).toBeLessThanOrEqual(20_000);
      expect(row?.amount).toBeGreaterThan(0);
      expect(row?.amount).toBeLessThanOrEqual(row?.held ?? 0);
    }
    expect(new Set(rows.map(({ request: id }) => id)).size).toBe(rows.length);
    expect(holdsOnDisk()).toBe(0);
  }, 40_000);

  it("costs the next one nothing: it serves", async () => {
    expect((await operated.chat("hi")).status).toBe(200);
    expect(JSON.stringify((await operated.admin("GET", "/metrics")).body)).toMatch(/gateway_requests_in_flight 0/);
  });

  it("twice settles nothing twice", async () => {
    await until("the last request is in the ledger", () => settlements(operated.dataDir).at(-1)?.outcome === "served");
    const before = settlements(operated.dataDir).length;
    operated.gateway.signal("SIGKILL");
    await operated.gateway.exit();
    await operated.restart();
    await operated.admin("GET", "/v1/organization/costs?tenant=tenant-a&start_time=1790000000"); // folds what the journal has
    expect([settlements(operated.dataDir).length, crashed()]).toEqual([before, streams.length]);
  }, 40_000);
});

const crashed = (): number => settlements(operated.dataDir).filter(({ outcome }) => outcome === "crashed").length;

function holdsOnDisk(): number {
  const database = new Database(join(operated.dataDir, "bailiwick.db"), { readonly: true });
  try {
    return database.prepare("select * from open_hold").all().length;
  } finally {
    database.close();
  }
}

describe("SIGTERM", () => {
  it("lets streams end, takes nothing new, and leaves with 0", async () => {
    const streams = Array.from({ length: 4 }, () => new OpenStream({ port: operated.port, key: KEYS.alpine, model: MODEL, tokens: 600 }));
    await until("all stream", () => streams.every(({ frames }) => frames > 0));
    const [port, readyPort] = [operated.port, operated.gateway.ports.at(-1) ?? 0];
    operated.gateway.signal("SIGTERM");
    await until("it says that it is not ready", async () => (await fetch(`http://127.0.0.1:${readyPort}/readyz`)).status === 503, 1_000);
    const late = await raw({ port, pieces: [request({ host: HOSTS.alpine, headers: [bearer(KEYS.alpine)], body: "{}" })] }).catch(
      () => undefined,
    );
    expect([undefined, 503]).toContain(late?.status);
    if (late !== undefined) expect(errorOf(late)?.["code"]).toBe("shutting_down");
    expect(streams.some(({ closed }) => closed)).toBe(false);
    expect(await operated.gateway.exit()).toBe(0);
    expect(streams.map(({ done }) => done)).toEqual([true, true, true, true]);
    const named = streams.map(({ requestId }) => requestId);
    expect(settlements(operated.dataDir).filter(({ request: id, outcome }) => named.includes(id) && outcome === "served")).toHaveLength(4);
    expect(holdsOnDisk()).toBe(0);
  }, 20_000);
});
