import { describe, expect, it } from "vitest";
import { bannedWords } from "./rules/words.ts";

const planted = (text: string, path = "src/gate/planted.ts") => bannedWords({ path, text });

describe("the rule itself", () => {
  it.each([
    ["Date.now()", "clock.nowMs()"],
    ["new Date()", "clock.nowMs()"],
    ["new Date", "clock.nowMs()"],
    ["Date()", "clock.nowMs()"],
    ["const t = performance.now;", "clock.monotonicMs()"],
    ["process.hrtime.bigint()", "clock.monotonicMs()"],
    ["Math.random()", "random.unit()"],
    ["setTimeout(f, 1)", "clock.after()"],
    ["globalThis.setTimeout(f, 1)", "clock.after()"],
    ["const later = setInterval;", "clock.every()"],
    ["setImmediate(f)", "clock.turn()"],
    ["AbortSignal.timeout(5)", "clock.after()"],
    ["crypto.randomUUID()", "random.id()"],
    ['import { randomUUID } from "node:crypto";', "random.id()"],
    ["process.env.HOME", "a setting that entry/ reads"],
    ['process["env"]', "a setting that entry/ reads"],
    ["globalThis.process.env", "a setting that entry/ reads"],
    ["console.log(1)", "the observer, or the logger that entry/ makes"],
    ["fetch(url)", "the transport"],
  ])("finds %s and names the replacement", (text, instead) => {
    const breaches = planted(text);
    expect(breaches).toHaveLength(1);
    expect(breaches[0]).toMatch(/^src\/gate\/planted\.ts:1 /);
    expect(breaches[0]).toContain(`use ${instead}`);
  });

  it("passes what only looks like it", () => {
    const innocent =
      'new Date(5); clock.setTimeout(); app.fetch(request); /* Date.now() */ const s = "console.log"; interface A { console: string }';
    expect(planted(innocent)).toEqual([]);
  });

  it("knows where the words are at home", () => {
    expect(planted("Date.now(); fetch(url)", "src/entry/node/clock.ts")).toEqual([]);
    expect(planted("fetch(url)", "src/transport/web.ts")).toEqual([]);
    expect(planted("Date.now()", "src/transport/web.ts")).toHaveLength(1);
  });
});
