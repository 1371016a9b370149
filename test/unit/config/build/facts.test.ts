import { describe, expect, it } from "vitest";
import { backendId } from "../../../../src/domain/ids.ts";
import { instantMs } from "../../../../src/config/build/facts.ts";
import { declared, spoiled } from "../sample.ts";

const RICH = spoiled(
  "acme: { country: DE, parents: [DE] }",
  "acme: { country: { value: DE, evidence: audit, source: https://r.example, expires: 2027-01-01T00:00:00Z }, parents: [DE, NO], facts: { tenancy: shared, retention.days: 0 }, certificates: [{ code: ISO27001 }] }",
)
  .replace(
    "fra: { country: DE }",
    "fra: { country: [DE, FR], facts: { tenancy: dedicated-node }, certificates: [{ code: BSI-C5.type2, scope: DC 1, evidence: audit, expires: 2027-03-31T00:00:00Z }] }",
  )
  .replace(
    "models: { llama: {} } }",
    "models: { llama: {} }, facts: { retention.days: 30, train_on_data: false }, certificates: [{ code: SOC2.type2 }] }",
  );

describe("fact sheets", () => {
  const estate = declared(RICH);
  const sheet = estate.backends.get(backendId("gpu-1"))?.facts;

  it("carries claims down with their evidence, source and end", () => {
    expect(sheet?.facts.get("operator.country")).toEqual({
      value: "DE",
      evidence: "audit",
      source: "https://r.example",
      expiresAtMs: Date.UTC(2027, 0, 1),
    });
    expect(sheet?.facts.get("operator.parents")).toEqual({
      value: ["DE", "NO"],
      evidence: "self",
      source: undefined,
      expiresAtMs: undefined,
    });
    expect(sheet?.facts.get("location.country")?.value).toEqual(["DE", "FR"]);
  });

  it("lets the nearest claim win, zero and false included", () => {
    expect(sheet?.facts.get("tenancy")?.value).toBe("dedicated-node");
    expect(sheet?.facts.get("retention.days")?.value).toBe(30);
    expect(sheet?.facts.get("train_on_data")?.value).toBe(false);
    expect(estate.self.facts.get("retention.days")?.value).toBe(0);
    expect(estate.self.facts.has("train_on_data")).toBe(false);
  });

  it("adds certificates up", () => {
    expect(sheet?.certificates.map(({ code }) => code)).toEqual(["ISO27001", "BSI-C5.type2", "SOC2.type2"]);
    expect(sheet?.certificates[1]).toEqual({ code: "BSI-C5.type2", scope: "DC 1", evidence: "audit", expiresAtMs: Date.UTC(2027, 2, 31) });
    expect(estate.self.certificates).toHaveLength(2);
  });
});

describe("instantMs", () => {
  it("keeps the absent absent", () => {
    expect(instantMs(undefined)).toBeUndefined();
    expect(instantMs("1970-01-01T00:00:01Z")).toBe(1_000);
  });
});
