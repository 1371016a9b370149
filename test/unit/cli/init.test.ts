import { describe, expect, it } from "vitest";
import { check } from "../../../src/cli/check.ts";
import { init } from "../../../src/cli/init.ts";
import type { Asked } from "../../../src/cli/init.ts";
import { findings } from "../config/sample.ts";

const VLLM = {
  "http://gpu:8000/version": { version: "0.32.0" },
  "http://gpu:8000/v1/models": { data: [{ id: "tiny-llama", max_model_len: 4096 }] },
};

async function run(answers: Readonly<Record<string, unknown>>, asked: Partial<Asked> = {}) {
  let text = "";
  let notes = "";
  const get = (url: string) =>
    url in answers ? Promise.resolve({ status: 200, body: JSON.stringify(answers[url]) }) : Promise.reject(new Error("refused"));
  const io = { get, write: (piece: string) => void (text += piece), note: (piece: string) => void (notes += piece) };
  const code = await init({ backends: ["http://gpu:8000"], ...asked, io });
  return { code, text, notes };
}

describe("init", () => {
  it("writes a configuration that check accepts, law included", async () => {
    const { code, text } = await run(VLLM, { country: "DE", operatorCountry: "DE", operatorParents: ["DE", "NO"] });
    expect(code).toBe(0);
    expect(text).not.toContain("REQUIRED");
    let out = "";
    expect(check("b.yaml", { readFile: () => text, env: {}, write: (piece) => void (out += piece) })).toBe(0);
    expect(out).toBe("b.yaml: sound: 1 backend, 1 MSP, 1 tenant, 4 policies\n");
  });

  it("leaves open what nobody told, so that check names it", async () => {
    const { text } = await run({ ...VLLM, "http://gpu:8000/v1/models": { data: [{ id: "tiny-llama" }] } });
    expect(text.match(/# .*: REQUIRED/g)).toHaveLength(4);
    expect(findings(text).map(({ path }) => path)).toEqual([
      "self",
      "models.tiny-llama.context_tokens_max",
      "backends.backend-1",
      "tenants.main.policy",
    ]);
  });

  it("fails when an engine does not answer, and writes nothing when none does", async () => {
    const some = await run(VLLM, { backends: ["http://gpu:8000/v1/", "http://gone:1"] });
    expect(some.code).toBe(1);
    expect(some.text).toContain("base_url: http://gpu:8000\n");
    expect(some.notes).toContain("http://gone:1: no engine answers here");
    expect(await run({})).toMatchObject({ code: 1, text: "" });
  });
});
