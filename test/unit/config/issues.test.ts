import { describe, expect, it } from "vitest";
import { findings, SOUND, spoiled, told } from "./sample.ts";

const hintOf = (text: string): string | undefined => findings(text)[0]?.hint;

describe("schema errors in words", () => {
  it("names a missing field at the place that lacks it", () => {
    const [finding] = findings(spoiled("{ context_tokens_max: 8192 }", "{}"));
    expect(finding).toMatchObject({
      path: "models.llama.context_tokens_max",
      message: 'required field "context_tokens_max" is missing',
      line: 7,
      column: 3,
    });
  });

  it("says which kind is wanted and which was given", () => {
    expect(told(spoiled("8192", "many"))).toEqual(["models.llama.context_tokens_max: must be a number, is text"]);
    expect(told(spoiled("8192", "1.5"))).toEqual(["models.llama.context_tokens_max: must be a whole number, is a number"]);
    expect(told(spoiled("[shop.example]", "shop.example"))).toEqual(["msps.shop.hosts: must be a list, is text"]);
    expect(told(`${SOUND}cells:\n`)).toEqual(["cells: must be a list, is empty"]);
    expect(hintOf(`${SOUND}cells:\n`)).toBe("write [] for nothing");
    expect(hintOf(spoiled("clinic: {}", "clinic: { name: 1 }"))).toBe("put it in quotes");
  });

  it("says the bound that was passed", () => {
    expect(told(spoiled("8192", "0"))).toEqual(["models.llama.context_tokens_max: must be at least 1"]);
    expect(told(spoiled("models: { llama: {} } }", "models: { llama: {} }, weight: 0 }"))).toEqual([
      "backends.gpu-1.weight: must be above 0",
    ]);
    expect(told(spoiled("clinic: {}", 'clinic: { name: "" }'))).toEqual(["tenants.clinic.name: must not be empty"]);
    expect(told(`${SOUND}server: { listen: [] }\n`)).toEqual(["server.listen: must not be empty"]);
  });

  it("suggests the field that was meant, or says that it is there already", () => {
    expect(hintOf(spoiled("engine: vllm", "engine: vllm, wieght: 2"))).toBe('did you mean "weight"?');
    expect(hintOf(`${SOUND}tenant: {}\n`)).toBe('"tenants" is declared already');
  });

  it("tells the errors of the form that was used, not of every form", () => {
    const facts = (given: string): string => spoiled("models: { llama: {} } }", `models: { llama: {} }, facts: { tenancy: ${given} } }`);
    expect(told(facts("{ value: shared, evidnce: self }"))).toEqual(['backends.gpu-1.facts.tenancy.evidnce: unknown field "evidnce"']);
    expect(told(facts("{ value: shared, expires: 2027-01-01 }"))[0]).toContain("an instant is written in UTC");
    expect(told(facts("{ evidence: self }"))).toEqual(['backends.gpu-1.facts.tenancy.value: required field "value" is missing']);
    expect(told(`${SOUND}server: { listen: [8080] }\n`)).toEqual(["server.listen[0]: must be text or a mapping, is a whole number"]);
    expect(told(spoiled("llama: {} }", "llama: { served_nam: x } }"))).toEqual([
      'backends.gpu-1.models.llama.served_nam: unknown field "served_nam"',
    ]);
  });

  it("judges names", () => {
    expect(told(spoiled("clinic: {}", '"Clinic 1": {}'))[0]).toMatch(/^tenants\["Clinic 1"\]: a name is/);
  });
});
