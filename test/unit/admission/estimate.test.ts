import { describe, expect, it } from "vitest";
import { claimOf } from "../../../src/admission/estimate.ts";
import type { Call } from "../../../src/domain/call.ts";
import type { Model } from "../../../src/domain/fleet.ts";
import { modelId } from "../../../src/domain/ids.ts";

const MODEL: Model = { id: modelId("m"), contextTokensMax: 8_192, completionTokensMax: 4_096, capabilities: new Set(["chat"]) };

function callOf(parts: Partial<Call>): Call {
  return {
    capability: "chat",
    body: Buffer.alloc(0),
    fields: new Map(),
    closeAt: 0,
    alias: {
      name: "a",
      model: MODEL.id,
      ownedBy: "o",
      price: { inputMicroPerMillion: 1, cachedInputMicroPerMillion: 1, outputMicroPerMillion: 1 },
      createdAtS: 0,
    },
    stream: false,
    includeUsage: false,
    promptTokensEstimate: 100,
    promptTokensMax: 500,
    completionTokensAsked: undefined,
    choices: 1,
    ...parts,
  };
}

describe("claimOf", () => {
  it("takes what was asked for", () => {
    expect(claimOf(callOf({ completionTokensAsked: 200 }), MODEL)).toEqual({ tokens: 300, promptTokensMax: 500, completionTokensMax: 200 });
  });

  it("assumes for the windows, and takes the most that the model gives for the money, when nothing was asked for", () => {
    expect(claimOf(callOf({}), MODEL)).toEqual({ tokens: 612, promptTokensMax: 500, completionTokensMax: 4_096 });
    expect(claimOf(callOf({}), { ...MODEL, completionTokensMax: undefined }).completionTokensMax).toBe(8_192);
  });

  it("multiplies by the choices, the prompt counted once", () => {
    expect(claimOf(callOf({ choices: 3, completionTokensAsked: 10 }), MODEL)).toEqual({
      tokens: 130,
      promptTokensMax: 500,
      completionTokensMax: 30,
    });
  });

  it("caps by the model: windows by its completion, money by its context", () => {
    const claim = claimOf(callOf({ completionTokensAsked: 1_000_000, promptTokensMax: 50_000, promptTokensEstimate: 12_500 }), MODEL);
    expect(claim).toEqual({ tokens: 8_192 + 4_096, promptTokensMax: 8_192, completionTokensMax: 8_192 });
    expect(claimOf(callOf({}), { ...MODEL, completionTokensMax: 20 }).tokens).toBe(120);
  });

  const WIDE = { promptTokensMax: 50_000, promptTokensEstimate: 12_500, completionTokensAsked: 0 };

  it.each(["embeddings", "rerank"] as const)("knows no completion for %s, and no context over all their inputs", (capability) => {
    const claim = claimOf(callOf({ capability, ...WIDE }), MODEL);
    expect(claim).toEqual({ tokens: 12_500, promptTokensMax: 50_000, completionTokensMax: 0 });
  });

  it("takes nothing for tokenize (U19)", () => {
    expect(claimOf(callOf({ capability: "tokenize", ...WIDE }), MODEL)).toEqual({ tokens: 0, promptTokensMax: 0, completionTokensMax: 0 });
  });

  it("gives every prompt of /completions a context of its own", () => {
    const claim = claimOf(callOf({ capability: "completions", choices: 4, promptTokensMax: 50_000, completionTokensAsked: 1 }), MODEL);
    expect(claim.promptTokensMax).toBe(4 * 8_192);
  });
});
