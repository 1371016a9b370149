import { describe, expect, it } from "vitest";
import { CAPABILITIES } from "../../../src/domain/fleet.ts";
import { PARAMETERS, REQUIRED } from "../../../src/openai/parameters.ts";

describe("the tables", () => {
  it("require exactly what they list as required", () => {
    for (const capability of CAPABILITIES) {
      const required = [...PARAMETERS[capability]].filter(([, rule]) => rule.required === true).map(([name]) => name);
      expect(required.sort()).toEqual([...REQUIRED[capability]].sort());
    }
  });

  it("bound every list that the gateway itself walks, and every completion", () => {
    expect(PARAMETERS.chat.get("messages")?.countMax).toBeDefined();
    expect(PARAMETERS.completions.get("prompt")?.countMax).toBeDefined();
    expect(PARAMETERS.embeddings.get("input")?.countMax).toBeDefined();
    for (const name of ["max_tokens", "max_completion_tokens", "n"]) expect(PARAMETERS.chat.get(name)?.max).toBeDefined();
  });
});
