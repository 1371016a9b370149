/** #32, #33, #35, #36, #38, #39: what lies about usage, dies, or comes twice; the ledger says the truth of each, once. */
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { errorOf, type RawAnswer } from "../edge/support/raw.ts";
import { settlements, type SettlementRow } from "../edge/support/settlements.ts";
import { OpenStream } from "../edge/support/streams.ts";
import { until } from "../edge/support/until.ts";
import { requestId } from "../../src/domain/ids.ts";
import { MODEL } from "../unit/policies/fixture.ts";
import { bench, REQUEST } from "../unit/stages/fixture.ts";
import { chunk, failing, paced, saying, streaming, usageFrame } from "./support/engine.ts";
import { KEYS } from "./support/estate.ts";
import { chat, Siege } from "./support/siege.ts";

let siege: Siege;
beforeAll(async () => void (siege = await Siege.lay()), 40_000);
afterAll(() => siege.lift());
afterEach(() => siege.heal());

async function rowOf(answer: RawAnswer): Promise<SettlementRow> {
  const rows = (): readonly SettlementRow[] =>
    settlements(siege.dataDir).filter(({ request }) => request === answer.headers["x-request-id"]);
  await until("it is in the ledger", () => rows().length > 0);
  expect(rows()).toHaveLength(1);
  const [row] = rows();
  if (row === undefined) throw new Error("no row");
  return row;
}

const ASKED = 9;
/** What nine tokens of output and a short prompt can cost at most, in micro-units. */
const DEAREST = 1_000;

describe("#32 usage that is", () => {
  const LIES: readonly (readonly [string, unknown])[] = [
    ["absent", undefined],
    ["null", null],
    ["zero", { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }],
    ["negative", { prompt_tokens: -5, completion_tokens: -2, total_tokens: -7 }],
    ["1e12", { prompt_tokens: 1e12, completion_tokens: 1e12, total_tokens: 2e12 }],
    ["no number", { prompt_tokens: "5", completion_tokens: {}, total_tokens: [] }],
    ["a fraction", { prompt_tokens: 1.5, completion_tokens: 0.1, total_tokens: 1.6 }],
    [
      "more cached than there was",
      { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7, prompt_tokens_details: { cached_tokens: 500 } },
    ],
    ["no sum", { prompt_tokens: 5, completion_tokens: 2, total_tokens: 9_999 }],
    ["a text", "many"],
  ];

  it.each(LIES)("%s is billed by its rule: never below nothing, never above what was held", async (_, usage) => {
    for (const more of [{}, { stream: true }]) {
      siege.home.script = saying("hi there", usage);
      const answer = await siege.ask(chat({ more }));
      expect(answer.status).toBe(200);
      const row = await rowOf(answer);
      expect(row.amount).toBeGreaterThanOrEqual(0);
      expect(row.amount).toBeLessThanOrEqual(Math.min(row.held, DEAREST));
      expect(row.completion_tokens).toBeLessThanOrEqual(ASKED);
      expect(Number.isInteger(row.prompt_tokens) && row.prompt_tokens >= 0).toBe(true);
    }
  });

  it("told in every frame counts once", async () => {
    const usage = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };
    siege.home.script = streaming([chunk({ content: "a" }), usageFrame(usage), usageFrame(usage), chunk({}, "stop"), usageFrame(usage)]);
    expect(await rowOf(await siege.ask(chat({ more: { stream: true } })))).toMatchObject({ prompt_tokens: 5, completion_tokens: 2 });
  });
});

describe("#33 an error", () => {
  const TEXT = "error ".repeat(2_000);

  it("instead of an answer costs nothing, however long it is", async () => {
    siege.home.script = failing(500, JSON.stringify({ error: { message: TEXT } }));
    expect(await rowOf(await siege.ask(chat()))).toMatchObject({ amount: 0, completion_tokens: 0, outcome: "failed" });
  });

  it("in the middle is no output: what came before it is billed, and nothing else", async () => {
    siege.home.script = paced([
      chunk({ content: "a" }),
      chunk({ content: "b" }),
      `data: ${JSON.stringify({ error: { message: TEXT, code: 500 } })}\n\n`,
    ]);
    const row = await rowOf(await siege.ask(chat({ more: { stream: true } })));
    expect([row.outcome, row.completion_tokens <= 2]).toEqual(["failed", true]);
    await siege.recover();
  });
});

describe("#38 an idempotency key", () => {
  const keyed = (key: string, say = "hi"): Promise<RawAnswer> => siege.ask(chat({ say, headers: [`idempotency-key: ${key}`] }));

  it("twice at once is carried out once, and with another body not at all", async () => {
    const before = siege.home.asked.length;
    const both = await Promise.all([keyed("k-1"), keyed("k-1")]);
    expect(both.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409]);
    expect([errorOf(await keyed("k-1", "other"))?.["code"], siege.home.asked.length - before]).toEqual(["idempotency_key_reused", 1]);
  });

  it.each(["a b", "x".repeat(256), "\u00fc", "", "%00\u0001"])("like %.20j is refused", async (key) => {
    expect((await keyed(key)).status).toBe(400);
  });
});

describe("#39 a price", () => {
  it("that changes during a stream changes nothing for it", async () => {
    siege.home.script = paced([
      ...Array.from({ length: 10 }, () => chunk({ content: "a" })),
      chunk({}, "stop"),
      usageFrame({ prompt_tokens: 100, completion_tokens: 9 }),
    ]);
    const running = siege.ask(chat({ more: { stream: true } }));
    await until("it runs", async () => (await siege.holdsOpen()) === 1);
    const yaml = readFileSync(siege.file, "utf8");
    writeFileSync(
      siege.file,
      yaml.replaceAll('input: "1", output: "2"', 'input: "1000", output: "2000"').replaceAll('version: "1"', 'version: "2"'),
    );
    siege.gateway.signal("SIGHUP");
    await until("it is taken", () => siege.gateway.log.some(({ msg }) => msg === "configuration taken"));
    const first = await rowOf(await running);
    siege.home.script = saying("hi", { prompt_tokens: 100, completion_tokens: 9 });
    const second = await rowOf(await siege.ask(chat()));
    expect([first.amount, second.amount > 1_000 * 50]).toEqual([118, true]);
    writeFileSync(siege.file, yaml);
    siege.gateway.signal("SIGHUP");
  });
});

describe("#36 a settlement", () => {
  it("that comes twice counts once, and a ledger that is away admits nobody", async () => {
    const { gate, principal, journal, clock } = bench();
    const claim = {
      request: REQUEST,
      principal,
      model: MODEL.id,
      alias: "brand-large",
      capability: "chat" as const,
      tokens: 10,
      amount: 5,
      atMs: clock.nowMs(),
    };
    expect((await gate.open(claim)).ok).toBe(true);
    const usage = { promptTokens: 1, cachedTokens: 0, completionTokens: 1, source: "backend" as const };
    const end = {
      outcome: "served" as const,
      usage,
      amount: 3,
      backend: undefined,
      status: 200,
      attempts: 1,
      firstByteMs: 1,
      durationMs: 2,
      atMs: clock.nowMs(),
    };
    expect([gate.settle(REQUEST, end), gate.settle(REQUEST, end), gate.holdsOpen]).toEqual(["settled", "already", 0]);
    await journal.durable();
    expect(journal.records.filter(({ kind }) => kind === "end")).toHaveLength(1);
    journal.appendFails = true;
    await expect(gate.open({ ...claim, request: requestId("f".repeat(32)) })).rejects.toMatchObject({ fault: "ledger_unavailable" });
  });
});

describe("#35 sudden death", () => {
  it("leaves each request exactly one settlement, and nothing held afterwards", async () => {
    siege.home.script = paced(Array.from({ length: 500 }, () => chunk({ content: "a" })));
    const streams = Array.from(
      { length: 5 },
      () => new OpenStream({ port: siege.port, key: KEYS.alpha, model: "chat", tokens: 500, host: "alpha.test" }),
    );
    await until("all stream", () => streams.every(({ frames }) => frames > 2));
    siege.gateway.signal("SIGKILL");
    await siege.gateway.exit();
    await siege.restart();
    siege.heal();
    const crashed = (): readonly SettlementRow[] => settlements(siege.dataDir).filter(({ outcome }) => outcome === "crashed");
    await until("all are in the ledger", () => crashed().length >= streams.length);
    expect(new Set(crashed().map(({ request }) => request))).toEqual(new Set(streams.map(({ requestId }) => requestId)));
    expect([crashed().length, await siege.holdsOpen(), (await siege.ask(chat())).status]).toEqual([streams.length, 0, 200]);
    for (const stream of streams) stream.close();
  }, 40_000);
});
