import { describe, expect, it } from "vitest";
import { modelBody, modelsBody } from "../../../src/openai/models.ts";
import { ALIAS } from "./fixtures.ts";

const parse = (body: Buffer): unknown => JSON.parse(body.toString());

describe("models", () => {
  it("lists what OpenAI lists", () => {
    const model = { id: "north-1", object: "model", created: 1_700_000_000, owned_by: "north" };
    expect(parse(modelsBody([ALIAS], "openai"))).toEqual({ object: "list", data: [model] });
    expect(parse(modelBody(ALIAS, "openai"))).toEqual(model);
  });

  it("lists what Anthropic lists", () => {
    const model = { type: "model", id: "north-1", display_name: "north-1", created_at: "2023-11-14T22:13:20Z" };
    expect(parse(modelsBody([ALIAS], "anthropic"))).toEqual({ data: [model], has_more: false, first_id: "north-1", last_id: "north-1" });
    expect(parse(modelsBody([], "anthropic"))).toEqual({ data: [], has_more: false, first_id: null, last_id: null });
    expect(parse(modelBody(ALIAS, "anthropic"))).toEqual(model);
  });
});
