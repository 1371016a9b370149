import { describe, expect, it } from "vitest";
import { mspId, projectId } from "../../../../src/domain/ids.ts";
import { declared, SOUND, spoiled } from "../sample.ts";

describe("tenancy", () => {
  it("keeps everything a key may say", () => {
    const hash = Buffer.alloc(32, 1);
    const text = `${SOUND}keys:
  k:
    hash: sha256:${hash.toString("hex")}
    name: CI
    hint: abcd
    created: 2026-01-01T00:00:00Z
    revoked: 2026-02-01T00:00:00Z
    cidrs: [10.0.0.0/8]
    explain: true
    limits: { concurrency: 3 }
`;
    expect(declared(text).keys).toEqual([
      {
        id: "k",
        project: "research",
        name: "CI",
        hash: hash.toString("base64url"),
        hint: "abcd",
        limits: { requestsPerMinute: undefined, tokensPerMinute: undefined, concurrency: 3, budgetPerMonth: undefined },
        createdAtMs: Date.UTC(2026, 0, 1),
        expiresAtMs: undefined,
        revokedAtMs: Date.UTC(2026, 1, 1),
        models: undefined,
        cidrs: ["10.0.0.0/8"],
        explain: true,
      },
    ]);
  });

  it("brands an MSP and dates its models", () => {
    const text = spoiled(
      "    hosts:",
      "    brand: { name: Shop, support_url: https://help.example, diagnostics: true }\n    hosts:",
    ).replace("chat: { model: llama,", "chat: { model: llama, created: 2026-01-01T00:00:00Z, owned_by: me,");
    const msp = declared(text).msps.get(mspId("shop"));
    expect(msp?.brand).toEqual({ name: "Shop", supportUrl: "https://help.example", diagnostics: true });
    expect(msp?.priceBook).toEqual({ version: "1", currency: "EUR" });
    expect(msp?.aliases.get("chat")).toMatchObject({ name: "chat", ownedBy: "me", createdAtS: Date.UTC(2026, 0, 1) / 1_000 });
  });

  it("takes the only tenant", () => {
    expect(declared(SOUND).projects.get(projectId("research"))?.tenant).toBe("clinic");
  });
});
