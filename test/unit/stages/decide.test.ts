import { describe, expect, it } from "vitest";
import { decide } from "../../../src/stages/decide.ts";
import { permissive, policy, rule, standing } from "../policies/fixture.ts";
import { bench, callOf, faultOf, type Setting } from "./fixture.ts";

function deciding(setting: Setting, require?: string): ReturnType<typeof decide> {
  const { world, principal } = bench(setting);
  return decide(callOf(), principal, require, world);
}

const FLEET = [standing("a", "DE"), standing("b", "FR"), standing("c", "US")];
const ONLY_CH = [
  ...permissive("tenant"),
  policy("tenant", "tenant", [rule("SWISS", { "backend.location.country": { in: ["CH"] } }, { applies_to: "backend" })]),
];

describe("decide", () => {
  it("asks about the caller and the model, and nothing else of the request", () => {
    const { question, decision } = deciding({ backends: FLEET }, "country=(DE FR)");
    expect(question).toEqual({
      msp: "msp",
      tenant: "tenant",
      project: "project",
      key: "key",
      model: "llama",
      capability: "chat",
      defaultClass: "confidential",
      require: "country=(DE FR)",
    });
    expect(decision.admissible.map(({ id }) => id)).toEqual(["a", "b"]);
  });

  it("403, counted, with the tenant's own rule by name, where no place is lawful", async () => {
    const fault = await faultOf(() => deciding({ backends: FLEET, policies: ONLY_CH }));
    expect([fault.fault, fault.kind.status, fault.param]).toEqual(["sov_no_admissible", 403, "model"]);
    const told = fault.extra?.["sovereignty"];
    expect(told).toMatchObject({ epoch: 1, considered: 3, admissible: 0, denied_by: [{ level: "tenant", rule: "SWISS", count: 3 }] });
    expect(JSON.stringify(told)).not.toMatch(/"(a|b|c|op|site)"/);
  });

  it("tells of the rules of others only that they count", async () => {
    const policies = [
      ...permissive("platform"),
      policy("platform", "", [rule("SECRET-RULE", { "backend.location.country": { in: ["CH"] } }, { applies_to: "backend" })]),
    ];
    const fault = await faultOf(() => deciding({ backends: FLEET, policies }));
    expect(JSON.stringify(fault.extra)).not.toContain("SECRET-RULE");
    expect(fault.extra?.["sovereignty"]).toMatchObject({ denied_by: [{ level: "platform", count: 3 }] });
  });

  it("tells place by place who may look closer: its own rules by name, of others the level, and never whose hardware it is", async () => {
    const told = async (diagnostics: boolean): Promise<unknown> =>
      (await faultOf(() => deciding({ backends: FLEET, policies: ONLY_CH, diagnostics }))).extra?.["sovereignty"];
    const one = { level: "tenant", rule: "SWISS", attribute: "backend.location.country", reason: "mismatch", count: 1 };
    expect(await told(true)).toMatchObject({ excluded: ["DE", "FR", "US"].map((place) => ({ place, ...one })) });
    expect(JSON.stringify(await told(true))).not.toMatch(/"(a|b|c|op|site)"/);
    expect(await told(false)).not.toHaveProperty("excluded");
  });

  it.each(["platform", "msp", "tenant", "operator"] as const)("403 of its own where the %s is silent", async (level) => {
    const fault = await faultOf(() => deciding({ backends: FLEET, policies: permissive(level) }));
    expect([fault.fault, fault.kind.status]).toEqual(["sov_no_policy", 403]);
  });

  it("refuses a model that nobody serves as a place that there is not", async () => {
    expect((await faultOf(() => deciding({ backends: [] }))).fault).toBe("sov_no_admissible");
  });

  it("refuses a header that it cannot read", async () => {
    expect((await faultOf(() => deciding({}, "nonsense=1"))).fault).toBe("sov_bad_header");
  });
});
