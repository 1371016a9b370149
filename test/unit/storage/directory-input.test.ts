import { describe, expect, it } from "vitest";
import {
  limitsFromColumn,
  limitsToColumn,
  listFromColumn,
  listToColumn,
  requireClass,
  requireId,
  requireName,
} from "../../../src/storage/directory-input.ts";
import { keyOf, keyView } from "../../../src/storage/directory-rows.ts";
import { DECLARED, NO_LIMITS } from "../../contract/directory.ts";
import { PlainLaw } from "./fixtures/law.ts";

describe("what may be written into the directory", () => {
  it.each(["", "T", "-a", "a b", "a".repeat(65), "../x"])("is no id like %j", (id) => {
    expect(() => {
      requireId(id);
    }).toThrow(expect.objectContaining({ fault: "invalid_value", param: "id" }));
    expect(() => {
      requireClass(id, new PlainLaw());
    }).toThrow(expect.objectContaining({ param: "default_class" }));
  });

  it("has a name of bounded length", () => {
    requireId("hospital-1.eu");
    requireName("x".repeat(200));
    expect(() => {
      requireName("x".repeat(201));
    }).toThrow(expect.objectContaining({ param: "name" }));
    expect(() => {
      requireName("");
    }).toThrow();
  });

  it("keeps 0 apart from no limit", () => {
    const limits = { ...NO_LIMITS, tokensPerMinute: 0, budgetPerMonth: 7 };
    expect(limitsFromColumn(limitsToColumn(limits))).toEqual(limits);
    expect(limitsToColumn(NO_LIMITS)).toBeNull();
    expect(limitsFromColumn(null)).toEqual(NO_LIMITS);
    expect(() => limitsToColumn({ ...NO_LIMITS, concurrency: 0.5 })).toThrow(expect.objectContaining({ param: "limits" }));
    expect(() => limitsFromColumn('{"requestsPerHour":1}')).toThrow();
  });

  it("keeps an empty list apart from none", () => {
    expect(listFromColumn(listToColumn([]))).toEqual([]);
    expect(listFromColumn(listToColumn(undefined))).toBeUndefined();
  });

  it("comes back as it was, and is shown without its hash", () => {
    const row = {
      id: "key_1", project: "p1", name: "n", hash: "h", hint: "wxyz", limits: null, models: '["fast"]', cidrs: null,
      explain: true, createdAtMs: 1, expiresAtMs: null, revokedAtMs: 5,
    }; // prettier-ignore
    const [tenant] = DECLARED.tenants.values();
    if (tenant === undefined) throw new Error("nothing declared");
    expect(keyOf(row)).toMatchObject({
      id: "key_1",
      models: new Set(["fast"]),
      cidrs: undefined,
      expiresAtMs: undefined,
      revokedAtMs: 5,
      limits: NO_LIMITS,
    });
    const view = keyView(keyOf(row), { tenant, home: "database" });
    expect(view).toMatchObject({ tenant: "t1", msp: "m1", models: ["fast"], home: "database" });
    expect(JSON.stringify(view)).not.toContain('"h"');
  });
});
