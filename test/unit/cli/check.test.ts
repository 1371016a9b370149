import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { check } from "../../../src/cli/check.ts";
import { SOUND, spoiled } from "../config/sample.ts";

function run(text: string | undefined): { code: number; out: string } {
  let out = "";
  const readFile = (path: string): string => {
    if (text === undefined || path !== "b.yaml") throw new Error("no such file");
    return text;
  };
  const code = check("b.yaml", { readFile, env: {}, write: (piece) => void (out += piece) });
  return { code, out };
}

describe("check", () => {
  it("passes the example, its law included", () => {
    const text = readFileSync(new URL("../../../examples/bailiwick.yaml", import.meta.url), "utf8");
    expect(run(text)).toEqual({ code: 0, out: "b.yaml: sound: 1 backend, 1 MSP, 1 tenant, 4 policies\n" });
  });

  it("prints every finding with its place", () => {
    const { code, out } = run(spoiled("engine: vllm", "engine: vlm, wieght: 1"));
    expect(code).toBe(1);
    expect(out).toMatch(/^b\.yaml:9:20: backends\.gpu-1\.engine: .*\(did you mean "vllm"\?\)\nb\.yaml:9:25: .*\n2 findings\n$/);
  });

  it("says where nothing is permitted, without failing", () => {
    const { code, out } = run(SOUND);
    expect(code).toBe(0);
    expect(out).toContain('note: tenant "clinic" has no policy, so everything there is denied');
    expect(out.match(/note:/g)).toHaveLength(4);
  });

  it("compiles the law", () => {
    const { code, out } = run(`${SOUND}policy: [{ id: A, require: { backend.location.cuntry: { in: [DE] } } }]\n`);
    expect(code).toBe(1);
    expect(out).toMatch(/b\.yaml:17: .*location\.cuntry/);
  });

  it("says when there is no file", () => {
    expect(run(undefined)).toEqual({ code: 1, out: "b.yaml: cannot be read: no such file\n" });
  });
});
