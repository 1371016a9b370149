import { describe, expect, it } from "vitest";
import { jsonSchema } from "../../../src/config/json-schema.ts";

describe("jsonSchema", () => {
  it("describes what people write: fields with a default are not required", () => {
    const schema = jsonSchema();
    expect(schema["$schema"]).toBe("https://json-schema.org/draft/2020-12/schema");
    expect(schema["required"]).toBeUndefined();
    expect(schema["properties"]).toHaveProperty("backends.additionalProperties.required", ["engine", "base_url", "models"]);
  });
});
