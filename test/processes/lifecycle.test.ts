/** How single processes end, and the gateway with all of them: nobody else loses anything, and everything is settled once. */
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { raw, request, bearer } from "../edge/support/raw.ts";
import { settlements } from "../edge/support/settlements.ts";
import { OpenStream } from "../edge/support/streams.ts";
import { until } from "../edge/support/until.ts";
import { HOST, KEY, MODEL, Several } from "./support/several.ts";

let several: Several;
beforeEach(async () => {
  several = await Several.make();
  await several.start(2);
}, 90_000);
afterEach(() => several.remove(), 60_000);

/** On connections of their own: some at each process, but for one chance in thousands. */
async function streams(count: number, tokens: number): Promise<readonly OpenStream[]> {
  const all = Array.from({ length: count }, () => new OpenStream({ port: several.port, host: HOST, key: KEY, model: MODEL, tokens }));
  await until("all stream", () => all.every(({ frames }) => frames > 0), 20_000);
  return all;
}

function victim(): number {
  const [pid] = several.members;
  if (pid === undefined) throw new Error("there is no process");
  return pid;
}

async function replaced(pid: number): Promise<void> {
  await until("another has taken its place", () => several.members.length === 2 && !several.members.includes(pid), 20_000);
  await until("all serve again", async () => (await several.admin("GET", "/metrics")).text.includes("in_flight"), 20_000);
}

/** The admin page folds nothing by itself; usage does. */
async function settled(): Promise<ReturnType<typeof settlements>> {
  const { status } = await several.admin("GET", "/v1/organization/usage/completions?tenant=filed&start_time=1790000000");
  expect(status).toBe(200);
  return settlements(several.dataDir);
}

describe("kill -9 of one process", () => {
  it("costs the others nothing, settles what it had open once, and starts another", async () => {
    const all = await streams(16, 3_000);
    await new Promise((resolve) => setTimeout(resolve, 2_200));
    const pid = victim();
    process.kill(pid, "SIGKILL");
    await until("its callers know", () => all.some(({ closed }) => closed));
    await replaced(pid);
    await until("the others have ended well", () => all.every(({ done, closed }) => done || closed), 30_000);
    const cut = all.filter(({ done }) => !done);
    expect(cut.length).toBeGreaterThan(0);
    expect(cut.length).toBeLessThan(16);
    const rows = await settled();
    expect(
      rows
        .filter(({ outcome }) => outcome === "crashed")
        .map(({ request: id }) => id)
        .toSorted(),
    ).toEqual(cut.map(({ requestId }) => String(requestId)).toSorted());
    for (const row of rows.filter(({ outcome }) => outcome === "crashed")) expect(row.completion_tokens).toBeGreaterThan(50);
    expect(rows.filter(({ outcome }) => outcome === "served")).toHaveLength(16 - cut.length);
    expect(new Set(rows.map(({ request: id }) => id)).size).toBe(rows.length);
  }, 90_000);
});

describe("SIGTERM of one process", () => {
  it("lets its streams end, and newcomers go to the others", async () => {
    const all = await streams(12, 1_000);
    const pid = victim();
    process.kill(pid, "SIGTERM");
    const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await several.chat()).status));
    expect(new Set(statuses)).toEqual(new Set([200]));
    await until("all streams have ended", () => all.every(({ done }) => done), 30_000);
    await replaced(pid);
    expect((await settled()).filter(({ outcome }) => outcome === "served")).toHaveLength(32);
  }, 90_000);
});

describe("SIGTERM of the parent", () => {
  it("drains all, takes nothing new, and leaves with 0", async () => {
    const all = await streams(12, 1_000);
    const { members } = several;
    several.signal("SIGTERM");
    await until("operators are told", async () => (await several.admin("GET", "/readyz")).status === 503, 2_000);
    const late = await raw({
      port: several.port,
      pieces: [request({ host: HOST, headers: [bearer(KEY), "content-type: application/json"], body: "{}" })],
    });
    expect(late.status).toBe(503);
    expect(await several.ended()).toBe(0);
    expect(all.map(({ done }) => done)).toEqual(all.map(() => true));
    expect(settlements(several.dataDir).filter(({ outcome }) => outcome === "served")).toHaveLength(12);
    expect(members.filter(alive)).toEqual([]);
  }, 90_000);
});

describe("kill -9 of the parent", () => {
  it("lets streams end, admits nothing more, and the next start settles all", async () => {
    const all = await streams(8, 2_000);
    const { members } = several;
    several.signal("SIGKILL");
    await several.ended();
    await until("nobody listens any more", async () => (await several.chat().catch(() => undefined)) === undefined, 5_000);
    await several.start(2);
    expect(all.map(({ done }) => done)).toEqual(all.map(() => true));
    await until("they have ended", () => !members.some(alive), 5_000);
    expect((await settled()).filter(({ outcome }) => outcome === "served")).toHaveLength(8);
    expect((await several.chat()).status).toBe(200);
  }, 90_000);
});

/** One whose parent is dead may stay in the table, ended, until somebody asks how it ended. */
function alive(pid: number): boolean {
  try {
    const [, state] = /\) (\w)/.exec(readFileSync(`/proc/${String(pid)}/stat`, "utf8")) ?? [];
    return state !== "Z" && state !== "X";
  } catch {
    return false;
  }
}
