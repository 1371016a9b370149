import { describe, expect, it } from "vitest";
import { checkMetered, type Settled } from "../../bench/checks.ts";
import { configuration } from "../../bench/gateway.ts";
import { freePorts } from "../../bench/free-ports.ts";
import { parseOptions } from "../../bench/options.ts";
import { SCENARIOS } from "../../bench/scenarios.ts";
import { withSecondEngine } from "../../bench/two-engines.ts";
import { outcomeOf } from "../../bench/scenarios/decide.ts";

const NAMES = SCENARIOS.map(({ name }) => name);
const parse = (...args: string[]) => parseOptions(args, NAMES, "results");

describe("options", () => {
  it("are the whole suite, three rounds, by default", () => {
    expect(parse()).toEqual({ only: NAMES, rounds: 3, scale: 1, streams: 5_000, out: "results" });
  });

  it("take what they are told", () => {
    expect(parse("--only", "json,sse64", "--rounds", "5", "--scale", "0.5", "--streams", "10", "--out", "x")).toEqual({
      only: ["json", "sse64"],
      rounds: 5,
      scale: 0.5,
      streams: 10,
      out: "x",
    });
  });

  it.each([
    ["--only", "jsno"],
    ["--rounds", "0"],
    ["--rounds", "1.5"],
    ["--scale", "-1"],
    ["--scale", ""],
    ["--streams", "9000"],
    ["--fast"],
    ["extra"],
  ])("refuse %s %s", (...args) => {
    expect(() => parse(...args)).toThrow();
  });
});

describe("the governed configuration", () => {
  it("gets this run's ports and no others", () => {
    const text = configuration({ mock: 1001, nginx: 1002, gateway: 1003, admin: 1004 });
    expect(text.match(/127\.0\.0\.1:\d+/g)).toEqual(["127.0.0.1:1003", "127.0.0.1:1004", "127.0.0.1:1001", "127.0.0.1:1003"]);
  });

  it("gets a second engine like the first", () => {
    const ports = { mock: 1001, nginx: 1002, gateway: 1003, admin: 1004 };
    const before = configuration(ports);
    const after = withSecondEngine(before, ports.nginx);
    expect(after.length - before.length).toBe(after.indexOf("msps:") - before.indexOf("msps:"));
    expect(after.match(/base_url: http:\/\/127\.0\.0\.1:\d+/g)).toEqual([
      "base_url: http://127.0.0.1:1001",
      "base_url: http://127.0.0.1:1002",
    ]);
    expect(after).toContain("gpu-2:");
    expect(() => withSecondEngine("backends: {}", 1)).toThrow("gpu-1");
  });

  it("has ports of its own in each run", async () => {
    expect(new Set(Object.values(await freePorts())).size).toBe(4);
  });
});

describe("the ledger", () => {
  const before: Settled = { requests: 5, promptTokens: 100, completionTokens: 50 };
  const after = (requests: number, promptTokens: number, completionTokens: number): Settled => ({
    requests,
    promptTokens,
    completionTokens,
  });
  const check = (settled: Settled) => () => checkMetered({ before, after: settled, requests: 10, completionTokensEach: 64 });

  it("must have settled every request with the backend's own usage", () => {
    expect(check(after(15, 310, 690))).not.toThrow();
  });

  it.each([after(14, 310, 690), after(16, 310, 690), after(15, 309, 690), after(15, 310, 50)])("is caught at %o", (settled) => {
    expect(check(settled)).toThrow("the ledger settled");
  });
});

describe("decide", () => {
  const figure = (name: string, median: number) => ({ name, unit: "us" as const, median, lowest: median / 2, most: undefined });
  const all = [
    figure("decide, not cached", 16),
    figure("every reason against every backend", 225),
    figure("decide, cached", 0.06),
    figure("clear", 0.5),
  ];

  it("takes over what has a limit, and shows the rest", () => {
    const { figures, rows } = outcomeOf(all, { note: () => undefined });
    expect(figures.map(({ key, value }) => [key, value])).toEqual([
      ["decide.cold_us", 16],
      ["decide.reasons_us", 225],
      ["decide.cached_us", 0.06],
    ]);
    expect(rows).toHaveLength(4);
  });

  it("does not go on when a figure has lost its name", () => {
    expect(() => outcomeOf(all.slice(1), { note: () => undefined })).toThrow("decide, not cached");
  });
});
