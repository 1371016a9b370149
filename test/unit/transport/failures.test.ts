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
    ["waiting", false, "UND_ERR_CONNECT_TIMEOUT", ["engine_unreachable", true, true]],
    ["waiting", false, "DEPTH_ZERO_SELF_SIGNED_CERT", ["engine_unreachable", true, true]],
    ["sent", false, "UND_ERR_SOCKET", ["engine_failed", true, true]],
    ["sent", true, "UND_ERR_SOCKET", ["engine_unreachable", true, false]],
    ["sent", true, "ECONNRESET", ["engine_unreachable", true, false]],
    ["sent", true, "EPIPE", ["engine_unreachable", true, false]],
    ["sent", true, "HPE_INVALID_CONSTANT", ["engine_failed", true, true]],
    ["head", true, "UND_ERR_SOCKET", ["engine_failed", true, true]],
    ["body", true, "UND_ERR_SOCKET", ["engine_failed", false, true]],
    ["body", false, "UND_ERR_RES_CONTENT_LENGTH_MISMATCH", ["engine_failed", false, true]],
    ["waiting", false, "UND_ERR_DESTROYED", ["draining", false, false]],
    ["waiting", false, "UND_ERR_INVALID_ARG", ["internal", false, false]],
  ] as const)("%s, reused %s, %s", (stage, reused, code, expected) => {
    expect(judged(stage, reused, code)).toEqual(expected);
  });

  it("never quotes the error's message", () => {
    for (const stage of STAGES) {
      const { fault } = judgeBreak({ stage, reused: true, error: coded("X") });
      expect(`${fault.message} ${fault.detail ?? ""}`).not.toMatch(/10\.0\.0\.5|secret/);
    }
  });
});

describe("a deadline", () => {
  it("is tried elsewhere only before the first byte, and is no illness at the total", () => {
    expect([late("first byte"), late("between bytes"), late("total")].map(({ elsewhere, sick }) => [elsewhere, sick])).toEqual([
      [true, true],
      [false, true],
      [false, false],
    ]);
  });
});
