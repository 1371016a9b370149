import { describe, expect, it } from "vitest";
import { CAPABILITY_OF, wireOf, WIRES } from "../../../src/domain/call.ts";
import { CAPABILITIES } from "../../../src/domain/fleet.ts";

describe("wires", () => {
  it("each ask for a capability, and a capability's own asks for itself", () => {
    for (const capability of CAPABILITIES) expect(CAPABILITY_OF[capability]).toBe(capability);
    expect(WIRES.map((wire) => CAPABILITY_OF[wire])).toEqual([...CAPABILITIES, "chat", "rerank"]);
    expect([wireOf({ capability: "chat" }), wireOf({ capability: "chat", wire: "responses" })]).toEqual(["chat", "responses"]);
  });
});
