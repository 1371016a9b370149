import { describe, expect, it } from "vitest";
import { findings, SOUND, spoiled, told } from "../sample.ts";

describe("names that point at other entries", () => {
  it.each([
    ["fra: { country: DE }", "fra: { operator: acne, country: DE }", 'sites.fra.operator: there is no operator "acne"'],
    ["engine: vllm", "site: fro, engine: vllm", 'backends.gpu-1.site: there is no site "fro"'],
    ["models: { llama: {} }", "models: { lama: {} }", 'backends.gpu-1.models.lama: there is no model "lama"'],
    ["model: llama,", "model: lama,", 'msps.shop.aliases.chat.model: there is no model "lama"'],
    ["clinic: {}", "clinic: { msp: shopp }", 'tenants.clinic.msp: there is no MSP "shopp"'],
    ["research: {}", "research: { tenant: clinik }", 'projects.research.tenant: there is no tenant "clinik"'],
    ["site: fra }", "site: far }", 'self.site: there is no site "far"'],
  ])("%s -> %s", (piece, by, message) => {
    expect(told(spoiled(piece, by))).toEqual([message]);
    expect(findings(spoiled(piece, by))[0]?.hint).toMatch(/^did you mean/);
  });

  it("asks which one when there are several, and for one when there is none", () => {
    expect(told(spoiled("sites:", "  zed: { country: FR, parents: [FR] }\nsites:"))).toContain(
      "sites.fra.operator: several operators are declared: say which",
    );
    expect(
      told(spoiled("projects: { research: {} }", "keys: { k: { hash: sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA } }")),
    ).toEqual(["keys.k.project: no project is declared for it"]);
  });

  it("binds policies to what they are for", () => {
    const policy = (given: string): readonly string[] => told(`${SOUND}policies: [${given}]\n`);
    expect(policy("{ level: tenant, subject: clinic, document: {} }")).toEqual([]);
    expect(policy("{ level: tenant, subject: clinik, document: {} }")).toEqual(['policies[0].subject: there is no tenant "clinik"']);
    expect(policy("{ level: tenant, document: {} }")).toEqual([
      "policies[0].subject: whose policy is it? a policy at level tenant needs its subject",
    ]);
    expect(policy("{ level: platform, subject: x, document: {} }")).toEqual(["policies[0].subject: a platform policy has no subject"]);
    expect(policy("{ level: platform }")).toEqual(["policies[0]: a policy has either a file or a document"]);
    expect(policy("{ level: platform, document: {}, file: x }")).toContain("policies[0]: a policy has either a file or a document");
    expect(policy("{ level: request, document: {} }")[0]).toMatch(/^policies\[0\]\.level: "request" is not known/);
  });

  it("lets a key use only what its MSP sells", () => {
    const hash = `sha256:${"0".repeat(64)}`;
    expect(told(`${SOUND}keys: { k: { hash: "${hash}", models: [chat, chatt] } }\n`)).toEqual([
      'keys.k.models[1]: MSP "shop" sells no model "chatt"',
    ]);
  });

  it("binds listening addresses to MSPs that exist", () => {
    expect(told(`${SOUND}server: { listen: [{ address: "127.0.0.1:1", msp: shoq }] }\n`)).toEqual([
      'server.listen[0].msp: there is no MSP "shoq"',
    ]);
  });
});
