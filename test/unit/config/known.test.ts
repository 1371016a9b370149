import { describe, expect, it } from "vitest";
import { fieldsAt } from "../../../src/config/known.ts";
import { fileFormat } from "../../../src/config/schema/file.ts";

describe("fieldsAt", () => {
  it("walks objects, records, lists, unions and defaults", () => {
    expect(fieldsAt(fileFormat, [])).toContain("backends");
    expect(fieldsAt(fileFormat, ["server", "admin"])).toEqual(["address", "key"]);
    expect(fieldsAt(fileFormat, ["server", "listen", 0])).toEqual(["address", "msp"]);
    expect(fieldsAt(fileFormat, ["backends", "any", "models", "any", "chat_template"])).toEqual([
      "source",
      "file",
      "bos_token",
      "eos_token",
    ]);
    expect(fieldsAt(fileFormat, ["sites", "any", "country"])).toEqual(["value", "evidence", "source", "expires"]);
  });

  it("knows nothing where names are free or places do not exist", () => {
    expect(fieldsAt(fileFormat, ["backends"])).toEqual([]);
    expect(fieldsAt(fileFormat, ["nope", "nope"])).toEqual([]);
  });
});
