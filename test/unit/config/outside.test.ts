import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { beside } from "../../../src/config/outside.ts";
import { backendId, modelId } from "../../../src/domain/ids.ts";
import { declared, SOUND, spoiled, told } from "./sample.ts";

describe("beside", () => {
  it("looks in the folder of the file unless the path is absolute", () => {
    expect(beside("/etc/b/b.yaml", "p/x.yaml")).toBe("/etc/b/p/x.yaml");
    expect(beside("b.yaml", "x.yaml")).toBe("x.yaml");
    expect(beside("/etc/b/b.yaml", "/run/key")).toBe("/run/key");
    expect(beside("C:\\b\\b.yaml", "key")).toBe("C:\\b\\key");
  });
});

describe("files that the configuration refers to", () => {
  const policies = `${SOUND}policies: [{ level: tenant, subject: clinic, file: law/clinic.yaml }]\n`;

  it("reads policy documents and remembers their lines", () => {
    const [source] = declared(policies, { files: { "law/clinic.yaml": "kind: Policy\nrules:\n  - id: A\n" } }).policies;
    expect(source?.document).toEqual({ kind: "Policy", rules: [{ id: "A" }] });
    expect(source?.where(["rules", 0, "id"])).toBe("law/clinic.yaml:3");
  });

  it("reports their errors under their own name", () => {
    expect(told(policies)).toEqual(["policies[0].file: cannot read law/clinic.yaml"]);
    expect(told(policies, { files: { "law/clinic.yaml": "a: 1\na: 2\n" } })).toEqual(['a: "a" is declared twice']);
    expect(told(policies, { files: { "law/clinic.yaml": "  \n" } })).toEqual(["policies[0].file: law/clinic.yaml is empty"]);
    expect(told(policies, { files: { "law/clinic.yaml": "x".repeat(BOUNDS.policyDocumentBytesMax + 1) } })[0]).toMatch(
      /at most \d+ are read$/,
    );
  });

  it("reads chat templates", () => {
    const text = spoiled("engine: vllm", "engine: triton").replace(
      "llama: {} } }",
      'llama: { chat_template: { file: t.jinja, bos_token: "<s>" } } } }',
    );
    const backend = declared(text, { files: { "t.jinja": "{{ messages }}" } }).backends.get(backendId("gpu-1"));
    expect(backend?.models.get(modelId("llama"))?.chatTemplate).toEqual({ source: "{{ messages }}", bosToken: "<s>", eosToken: "" });
  });

  it("reads a model's tokenizer_config.json in a template's place, and wants the template in it", () => {
    const text = spoiled("engine: vllm", "engine: triton").replace(
      "llama: {} } }",
      "llama: { chat_template: { file: tokenizer_config.json } } } }",
    );
    const files = (config: object) => ({ files: { "tokenizer_config.json": JSON.stringify(config) } });
    const backend = declared(text, files({ chat_template: "{{ x }}", bos_token: { content: "<s>" }, eos_token: "</s>" })).backends.get(
      backendId("gpu-1"),
    );
    expect(backend?.models.get(modelId("llama"))?.chatTemplate).toEqual({ source: "{{ x }}", bosToken: "<s>", eosToken: "</s>" });
    expect(told(text, files({ bos_token: "<s>" }))).toEqual([
      "backends.gpu-1.models.llama.chat_template.file: tokenizer_config.json has no chat_template",
    ]);
  });

  it("does not read names from the environment's prototype", () => {
    const text = spoiled("models: { llama: {} } }", "models: { llama: {} }, credential: { env: toString } }");
    expect(told(text)).toEqual(["backends.gpu-1.credential.env: environment variable toString is not set"]);
  });
});
