import { describe, expect, it } from "vitest";
import { judgeBreak, late, type Stage, STAGES } from "../../../src/transport/failures.ts";

const coded = (code: string) => Object.assign(new Error("at 10.0.0.5:8000 with a secret"), { code });
const judged = (stage: Stage, reused: boolean, code: string) => {
  const { fault, elsewhere, sick } = judgeBreak({ stage, reused, error: coded(code) });
  return [fault.fault, elsewhere, sick];
};

describe("a break", () => {
  it.each([
    ["waiting", false, "ECONNREFUSED", ["engine_unreachable", true, true]],
    ["waiting", false, "WIRE_CONNECT_TIMEOUT", ["engine_unreachable", true, true]],
    ["waiting", false, "DEPTH_ZERO_SELF_SIGNED_CERT", ["engine_unreachable", true, true]],
    ["sent", false, "WIRE_CLOSED", ["engine_failed", true, true]],
    ["sent", true, "WIRE_CLOSED", ["engine_unreachable", true, false]],
    ["sent", true, "ECONNRESET", ["engine_unreachable", true, false]],
    ["sent", true, "EPIPE", ["engine_unreachable", true, false]],
    ["sent", true, "WIRE_MALFORMED", ["engine_failed", true, true]],
    ["head", true, "WIRE_CLOSED", ["engine_failed", true, true]],
    ["body", true, "WIRE_CLOSED", ["engine_failed", true, true]],
    ["body", false, "WIRE_CLOSED", ["engine_failed", true, true]],
    ["waiting", false, "WIRE_RETIRED", ["draining", false, false]],
    ["waiting", false, "WIRE_UNWRITABLE", ["internal", false, false]],
  ] as const)("%s, reused %s, %s", (stage, reused, code, expected) => {
    expect(judged(stage, reused, code)).toEqual(expected);
  });

  it("loses the request, so that no engine works on it any more; not where it is ours", () => {
    const isLost = (stage: Stage, code: string) => judgeBreak({ stage, reused: true, error: coded(code) }).lost === true;
    expect(STAGES.map((stage) => isLost(stage, "WIRE_CLOSED"))).toEqual([true, true, true, true]);
    expect(["WIRE_RETIRED", "WIRE_UNWRITABLE"].map((code) => isLost("waiting", code))).toEqual([false, false]);
    expect(late("first byte").lost).toBeUndefined();
  });

  it("never quotes the error's message", () => {
    for (const stage of STAGES) {
      const { fault } = judgeBreak({ stage, reused: true, error: coded("X") });
      expect(`${fault.message} ${fault.detail ?? ""}`).not.toMatch(/10\.0\.0\.5|secret/);
    }
  });
});

describe("a deadline", () => {
  it("is tried elsewhere while there is time, and is no illness at the total", () => {
    expect([late("first byte"), late("between bytes"), late("total")].map(({ elsewhere, sick }) => [elsewhere, sick])).toEqual([
      [true, true],
      [true, true],
      [false, false],
    ]);
  });
});
