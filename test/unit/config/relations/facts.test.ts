import { describe, expect, it } from "vitest";
import { findings, spoiled, told } from "../sample.ts";

describe("facts that must exist", () => {
  it("says which facts a backend lacks and where to state them", () => {
    const text = spoiled("parents: [DE] }", "facts: {} }").replace(
      "self: { site: fra }",
      "self: { facts: { location.country: DE, operator.country: DE, operator.parents: [DE] } }",
    );
    expect(told(text)).toEqual([
      'backends.gpu-1: backend "gpu-1" has no operator.parents: unknown denies, so nothing could ever be sent there',
    ]);
    expect(findings(text)[0]?.hint).toBe("set operators.acme.parents");
  });

  it("judges the cell like a backend", () => {
    expect(told(spoiled("self: { site: fra }\n", ""))[0]).toMatch(
      /^self: this cell \(self\) has no location\.country, operator\.country, operator\.parents/,
    );
  });

  it("does not follow a name that points nowhere", () => {
    expect(told(spoiled("engine: vllm", "site: nope, engine: vllm"))).toEqual(['backends.gpu-1.site: there is no site "nope"']);
  });
});

describe("facts that are stated twice", () => {
  it("refuses a backend that claims another place than its site", () => {
    const text = spoiled("models: { llama: {} } }", "models: { llama: {} }, facts: { location.country: FR } }");
    expect(told(text)).toEqual(['backends.gpu-1.facts["location.country"]: location.country is stated by sites.fra.country already']);
  });

  it("refuses a subdivision of another country", () => {
    expect(told(spoiled("fra: { country: DE }", "fra: { country: DE, subdivision: FR-IDF }"))).toEqual([
      "sites.fra.subdivision: FR-IDF does not lie in DE",
    ]);
    expect(told(spoiled("fra: { country: DE }", "fra: { country: DE, subdivision: DE-HE }"))).toEqual([]);
  });
});
