import { describe, expect, it } from "vitest";
import { WIRES } from "../../../src/domain/call.ts";
import { PARAMETERS, REQUIRED } from "../../../src/openai/parameters.ts";

describe("the tables", () => {
  it("require exactly what they list as required", () => {
    for (const wire of WIRES) {
      const required = [...PARAMETERS[wire]].filter(([, rule]) => rule.required === true).map(([name]) => name);
      expect(required.sort()).toEqual([...REQUIRED[wire]].sort());
    }
  });

  it("bound every list that the gateway itself walks, and every completion", () => {
    expect(PARAMETERS.chat.get("messages")?.countMax).toBeDefined();
    expect(PARAMETERS.completions.get("prompt")?.countMax).toBeDefined();
    expect(PARAMETERS.embeddings.get("input")?.countMax).toBeDefined();
    expect(PARAMETERS.responses.get("input")?.countMax).toBeDefined();
    expect(PARAMETERS.responses.get("max_output_tokens")?.max).toBeDefined();
    expect(PARAMETERS.rerank.get("documents")?.countMax).toBeDefined();
    for (const name of ["max_tokens", "max_completion_tokens", "n"]) expect(PARAMETERS.chat.get(name)?.max).toBeDefined();
  });
});
