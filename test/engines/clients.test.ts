/** OpenAI's own clients, unmodified, against the gateway with real engines behind it: all of their checks that tiny models without sense can meet. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClientName, CLIENTS } from "../conformance/support/clients.ts";
import { type Report, runClient } from "../conformance/support/run-client.ts";
import { ready } from "../conformance/support/runtimes.ts";
import { type Target, targetOf } from "../conformance/support/target.ts";
import { KEYS, MODELS } from "./support/estate.ts";
import { Lane } from "./support/lane.ts";
import { missing } from "./support/running.ts";

const CLIENT_MS_MAX = 300_000;
const NAMES = ["openai-node", "openai-python"] as const satisfies readonly ClientName[];

let lane: Lane;
beforeAll(async () => {
  if (missing === undefined) lane = await Lane.start();
}, 60_000);
afterAll(() => lane?.stop(), 60_000);

const common = { key: KEYS.main, keys: { lawless: KEYS.lawless, broke: KEYS.broke, paced: KEYS.paced } };

/** Neither obeys the orders that the simulated engines know; Triton's stand-ins write no tool calls and keep to no schema. */
const TARGETS = {
  vLLM: (): Target =>
    targetOf({
      ...common,
      name: "vLLM",
      baseUrl: `${lane.url}/v1`,
      models: { chat: MODELS.chat, embedding: MODELS.vectors },
      without: ["directives"],
    }),
  Triton: (): Target =>
    targetOf({
      ...common,
      name: "Triton",
      baseUrl: `${lane.url}/v1`,
      models: { chat: MODELS.prose, embedding: MODELS.hashes },
      without: ["directives", "tools", "structured", "n"],
    }),
} as const;

/** What an engine cannot do, and how the client hears of it. */
const CANNOT: readonly (readonly [keyof typeof TARGETS, string, RegExp])[] = [
  ["Triton", "embeddings-of-token-ids", /400.*'input'/], // an encoder of texts
];

const PAIRS = NAMES.flatMap((name) => (["vLLM", "Triton"] as const).map((engine) => [name, engine] as const));
const means = new Map(await Promise.all(NAMES.map(async (name) => [name, await ready(CLIENTS[name].runtime)] as const)));

describe.skipIf(missing !== undefined).each(PAIRS)("%s before %s", (name, engine) => {
  let target: Target;
  let report: Report;
  beforeAll(async () => {
    target = TARGETS[engine]();
    report = await runClient(name, target);
  }, CLIENT_MS_MAX);

  it("can be had", () => {
    expect(means.get(name)).not.toHaveProperty("missing");
  });

  it.for(CLIENTS[name].checks)("%s", (check, { skip }) => {
    const outcome = report.outcomes.find((one) => one.check === check);
    if (outcome?.skipped !== undefined) return skip(outcome.skipped);
    const refusal = CANNOT.find(([at, which]) => at === engine && which === check)?.[2];
    if (refusal !== undefined) return expect(outcome?.why).toMatch(refusal);
    expect(outcome, report.errors).toEqual({ check, ok: true });
  });

  it("gets nothing that OpenAI's description does not have, save what is meant", () => {
    expect(report.judged.bodies + report.judged.frames).toBeGreaterThan(0);
    expect(report.findings).toEqual([]);
  });
});
