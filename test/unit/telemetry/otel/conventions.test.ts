import { expect, it } from "vitest";
import { WIRES } from "../../../../src/domain/call.ts";
import { commonAttributes, errorType, OPERATION_OF } from "../../../../src/telemetry/otel/conventions.ts";
import { finished } from "./fixture.ts";

it("knows every door by an operation", () => {
  expect(WIRES.map((wire) => OPERATION_OF[wire])).toEqual([
    "chat",
    "text_completion",
    "embeddings",
    "tokenize",
    "rerank",
    "chat",
    "rerank",
  ]);
});

it("names the engine and the models, and nobody", () => {
  expect(commonAttributes(finished())).toEqual({
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "vllm",
    "gen_ai.request.model": "shop/llama",
    "gen_ai.response.model": "llama",
  });
});

it("says of a request that reached no engine what can be said", () => {
  const nowhere = finished({ attempts: [], alias: undefined }, { firstByteMs: undefined });
  expect(commonAttributes(nowhere)).toEqual({ "gen_ai.operation.name": "chat", "gen_ai.provider.name": "_OTHER" });
});

it("tells errors by the closed table, and a caller that left is none", () => {
  expect(errorType(finished({}, { fault: "engine_timeout", outcome: "failed" }))).toBe("engine_timeout");
  expect(errorType(finished({}, { outcome: "failed" }))).toBe("_OTHER");
  expect(errorType(finished({}, { outcome: "abandoned" }))).toBeUndefined();
});
