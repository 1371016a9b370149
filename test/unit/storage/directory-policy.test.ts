import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { tenantId } from "../../../src/domain/ids.ts";
import { judgePolicy, policyFromColumn, policySource, policyToColumn } from "../../../src/storage/directory-policy.ts";
import { DECLARED } from "../../contract/directory.ts";
import { PlainLaw } from "./fixtures/law.ts";

const [tenant] = DECLARED.tenants.values();

describe("a tenant's policy", () => {
  it("comes back as it was given", () => {
    for (const policy of [
      { rules: [{ id: "A", require: {} }], uses: { sets: "1" } },
      { rules: [], uses: undefined },
    ]) {
      expect(policyFromColumn(policyToColumn(policy))).toEqual(policy);
    }
    expect(policyFromColumn(null)).toBeUndefined();
    for (const column of ['{"policy":[]}', '{"rules":{}}', "[]", "null"])
      expect(() => policyFromColumn(column)).toThrow("not as it was stored");
  });

  it("has a bound", () => {
    const rules = [{ id: "x".repeat(BOUNDS.policyDocumentBytesMax) }];
    expect(() => policyToColumn({ rules, uses: undefined })).toThrow(expect.objectContaining({ fault: "invalid_value", param: "policy" }));
  });

  it("names its places by the members of the request body", () => {
    const { where } = policySource("acme", { rules: [], uses: undefined });
    expect(where(["rules", 0, "require", "backend.location.country"])).toBe(
      'tenant acme (made over the API): policy[0].require["backend.location.country"]',
    );
    expect(where(["uses", "sets"])).toBe("tenant acme (made over the API): uses.sets");
    expect(where([])).toBe("tenant acme (made over the API): policy");
  });

  it("names no more problems than the bound, and says how many there are beside", () => {
    if (tenant === undefined) throw new Error("nothing declared");
    const rules = Array.from({ length: BOUNDS.adminProblemsMax + 7 }, () => ({}));
    const judge = (): unknown =>
      judgePolicy({ tenants: new Map(), policies: [] }, new PlainLaw(), { tenant, policy: { rules, uses: undefined } });
    expect(judge).toThrow(expect.objectContaining({ message: expect.stringMatching(/and 7 more$/) }));
  });

  it("is judged with the others' beside it, and without the one it replaces", () => {
    if (tenant === undefined) throw new Error("nothing declared");
    const law = new PlainLaw();
    const old = [policySource("t1", { rules: [{}], uses: undefined }), policySource("t9", { rules: [{ id: "Z" }], uses: undefined })];
    judgePolicy({ tenants: new Map([[tenantId("t9"), tenant]]), policies: old }, law, {
      tenant,
      policy: { rules: [{ id: "A" }], uses: undefined },
    })();
    expect(law.inForce?.policies.map(({ subject }) => subject)).toEqual(["t9", "t1"]);
    expect([...(law.inForce?.tenants.keys() ?? [])]).toEqual(["t9", "t1"]);
  });
});
