import { describe, expect, it } from "vitest";
import { draft } from "../../../../src/cli/init/draft.ts";
import type { FoundModel } from "../../../../src/cli/init/probe.ts";
import { backendId, modelId } from "../../../../src/domain/ids.ts";
import { declared } from "../../config/sample.ts";

const PLACE = { country: "DE", operatorCountry: "DE", operatorParents: ["DE"], contextTokensMax: 100 };
const model = (servedName: string): FoundModel => ({ servedName, contextTokensMax: undefined, capabilities: ["chat"] });
const written = (...names: readonly string[]) =>
  declared(draft([{ baseUrl: "http://h:1", engine: "vllm", models: names.map(model) }], PLACE));

describe("draft", () => {
  it("keeps every name that an engine may give, whatever it holds", () => {
    const names = ["plain", "a/b:c", "true", "null", "1.5", "- x: {y}", 'quo"te\n# REQUIRED', "日本", "*x", "plain "];
    const served = [
      ...(written(...names)
        .backends.get(backendId("backend-1"))
        ?.models.values() ?? []),
    ].map(({ servedName }) => servedName);
    expect(served).toEqual(names);
  });

  it("keeps names apart that look alike as ids", () => {
    const { models } = written("a b", "a_b", "a?b");
    expect([...models.keys()]).toEqual(["a-b", "a_b", "a-b-2"]);
    expect(models.get(modelId("a-b"))?.contextTokensMax).toBe(100);
  });

  it("declares a model once however many backends serve it", () => {
    const backend = { engine: "vllm", models: [model("m")] } as const;
    const estate = declared(
      draft(
        [
          { ...backend, baseUrl: "http://h:1" },
          { ...backend, baseUrl: "http://h:2" },
        ],
        PLACE,
      ),
    );
    expect(estate.models.size).toBe(1);
    expect(estate.backends.size).toBe(2);
  });
});
