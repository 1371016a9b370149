import { describe, expect, it } from "vitest";
import { INVALID_MARK } from "../../../src/simulator/answer.ts";
import { readDirectives } from "../../../src/simulator/directives.ts";
import { plan, type PlanInput } from "../../../src/simulator/plan.ts";

function planned(prompt: string, more: Partial<PlanInput> = {}) {
  const limits = { tokensMax: 1_000, tokensMin: 0, stop: [], ignoreEnd: false, invalidUtf8: false };
  return plan({ prompt, directives: readDirectives(prompt), forced: undefined, seed: 1, choice: 0, ...limits, ...more });
}

const text = (of: ReturnType<typeof plan>) => of.pieces.join("");

describe("plan", () => {
  it("says the same for the same prompt and seed, and another thing for another choice", () => {
    expect(planned("hello")).toEqual(planned("hello"));
    const all = [planned("hello"), planned("hullo"), planned("hello", { seed: 2 }), planned("hello", { choice: 1 })];
    expect(new Set(all.map(text)).size).toBe(4);
  });

  it("does what the directives say", () => {
    expect(text(planned("[[say:Grüße]]"))).toBe("Grüße");
    expect(text(planned("[[echo]] this"))).toBe("this");
    expect(planned("[[tokens:5]]").pieces).toHaveLength(5);
    expect(planned("[[say:]]").pieces).toEqual([""]);
  });

  it("prefers what a constrained decoder is bound to", () => {
    expect(text(planned("[[say:no]]", { forced: "{}" }))).toBe("{}");
  });

  it("ends for length exactly when something was left to say", () => {
    expect(planned("[[tokens:5]]", { tokensMax: 4 })).toMatchObject({ finish: "length", stopReason: null });
    expect(planned("[[tokens:5]]", { tokensMax: 5 })).toMatchObject({ finish: "stop", stopReason: null });
  });

  it("goes on when it must", () => {
    expect(planned("[[tokens:5]]", { tokensMin: 9 }).pieces).toHaveLength(9);
    expect(planned("[[tokens:5]]", { tokensMax: 30, ignoreEnd: true })).toMatchObject({ finish: "length" });
    expect(planned("[[tokens:5]]", { tokensMax: 30, ignoreEnd: true }).pieces).toHaveLength(30);
  });

  it("stops before the first stop string and counts the tokens that it is made of", () => {
    const stopped = planned("[[say:one two three four]]", { stop: ["four", " thr", ""] });
    expect(stopped).toMatchObject({ finish: "stop", stopReason: " thr" });
    expect(text(stopped)).toBe("one two");
    expect(stopped.pieces.filter((piece) => piece === "").length).toBeGreaterThan(0);
  });

  it("marks the place for bytes that are no UTF-8", () => {
    expect(planned("[[say:a.b]]", { invalidUtf8: true }).pieces[0]).toBe(`a${INVALID_MARK}`);
  });
});
