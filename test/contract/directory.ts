/** What every Directory and DirectoryAdmin keeps. */
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { keyId, modelId, mspId, projectId, tenantId } from "../../src/domain/ids.ts";
import type { Declared } from "../../src/domain/estate.ts";
import type { Limits } from "../../src/domain/tenancy.ts";
import type { Directory, DirectoryAdmin, Kept, NewKey } from "../../src/ports.ts";

export const NO_LIMITS: Limits = {
  requestsPerMinute: undefined,
  tokensPerMinute: undefined,
  concurrency: undefined,
  budgetPerMonth: undefined,
};

/** One of each in files: msp m1, tenant t1, project p1, key k1 with the hash "hash-of-k1". */
export const DECLARED: Pick<Declared, "msps" | "tenants" | "projects" | "keys"> = {
  msps: new Map([
    [
      mspId("m1"),
      {
        id: mspId("m1"),
        hosts: ["m1.example"],
        brand: { name: "M1", supportUrl: undefined, diagnostics: false },
        aliases: new Map([
          [
            "fast",
            {
              name: "fast",
              model: modelId("llama"),
              ownedBy: "m1",
              price: { inputMicroPerMillion: 1, cachedInputMicroPerMillion: 1, outputMicroPerMillion: 1 },
              createdAtS: 0,
            },
          ],
        ]),
        priceBook: { version: "v1", currency: "EUR" },
        limits: NO_LIMITS,
      },
    ],
  ]),
  tenants: new Map([[tenantId("t1"), { id: tenantId("t1"), msp: mspId("m1"), name: "T1", limits: NO_LIMITS, defaultClass: "secret" }]]),
  projects: new Map([[projectId("p1"), { id: projectId("p1"), tenant: tenantId("t1"), name: "P1", limits: NO_LIMITS }]]),
  keys: [
    {
      id: keyId("k1"),
      project: projectId("p1"),
      name: "K1",
      hash: "hash-of-k1",
      hint: "abcd",
      limits: NO_LIMITS,
      expiresAtMs: undefined,
      revokedAtMs: undefined,
      createdAtMs: 0,
      models: undefined,
      cidrs: undefined,
      explain: false,
    },
  ],
};

export interface DirectorySubject {
  /** Has DECLARED loaded and nothing else. */
  readonly directory: Directory & DirectoryAdmin;
  /** What the law of its PlainLaw was last made of; undefined: never. */
  inForce(): Kept | undefined;
  /** Lets time pass. */
  pass(ms: number): void;
}

export const hashOf = (secret: string): string => createHash("sha256").update(secret).digest("base64url");

export const newKey = (over: Partial<NewKey> = {}): NewKey => ({
  project: projectId("p1"),
  name: "new",
  expiresAtMs: undefined,
  models: undefined,
  cidrs: undefined,
  explain: false,
  ...over,
});

export function directoryContract(name: string, open: () => DirectorySubject): void {
  describe(`directory contract: ${name}`, () => {
    it("finds a declared key with everything above it, and no other", () => {
      const { directory } = open();
      expect(directory.byKeyHash("hash-of-k1")).toMatchObject({
        msp: { id: "m1" },
        tenant: { id: "t1" },
        project: { id: "p1" },
        key: { id: "k1" },
      });
      expect(directory.byKeyHash("hash-of-nobody")).toBeUndefined();
    });

    it("makes tenant, project and key, and finds the key by its secret's hash alone", () => {
      const { directory } = open();
      const limits: Limits = { ...NO_LIMITS, requestsPerMinute: 0, budgetPerMonth: 5_000_000 };
      directory.createTenant({ id: "t2", msp: "m1", name: "T2", defaultClass: "internal", limits });
      const project = directory.createProject({ id: "p2", tenant: "t2", name: "P2" });
      const { key, secret } = directory.createKey(newKey({ project, models: ["fast"], cidrs: ["10.0.0.0/8"], explain: true }));
      expect(key.id).toMatch(/^key_[0-9a-f]{32}$/);
      expect(secret).toMatch(/^sk-.{43}$/);
      expect(key).toMatchObject({
        tenant: "t2",
        msp: "m1",
        project: "p2",
        hint: secret.slice(-4),
        models: ["fast"],
        cidrs: ["10.0.0.0/8"],
        home: "database",
      });
      const principal = directory.byKeyHash(hashOf(secret));
      expect(principal?.tenant).toEqual({ id: "t2", msp: "m1", name: "T2", defaultClass: "internal", limits });
      expect(principal?.project.limits).toEqual(NO_LIMITS);
      expect(principal?.key).toMatchObject({
        id: key.id,
        models: new Set(["fast"]),
        cidrs: ["10.0.0.0/8"],
        explain: true,
        revokedAtMs: undefined,
      });
    });

    it("shows a revocation at once, and keeps its first time", () => {
      const { directory, pass } = open();
      const { key, secret } = directory.createKey(newKey());
      expect(directory.byKeyHash(hashOf(secret))?.key.revokedAtMs).toBeUndefined();
      const revoked = directory.revokeKey(key.id);
      expect(directory.byKeyHash(hashOf(secret))?.key.revokedAtMs).toBe(revoked.revokedAtMs);
      pass(1_000);
      expect(directory.revokeKey(key.id)).toEqual(revoked);
    });

    it("lists both homes", () => {
      const { directory } = open();
      directory.createTenant({ id: "t2", msp: "m1", name: "T2", defaultClass: "secret" });
      directory.createProject({ id: "p2", tenant: "t2", name: "P2" });
      directory.createKey(newKey());
      expect(directory.listTenants().map(({ id, home }) => [id, home])).toEqual([
        ["t1", "file"],
        ["t2", "database"],
      ]);
      expect(directory.listProjects(undefined).map(({ id, home }) => [id, home])).toEqual([
        ["p1", "file"],
        ["p2", "database"],
      ]);
      expect(directory.listProjects("t2").map(({ id }) => id)).toEqual(["p2"]);
      expect(directory.listKeys("p1").map(({ home }) => home)).toEqual(["file", "database"]);
      expect(directory.listKeys("p2")).toEqual([]);
    });

    it("puts a tenant's policy in force when it stores it, at its making and when it is replaced", () => {
      const { directory, inForce } = open();
      directory.createTenant({ id: "t2", msp: "m1", name: "T2", defaultClass: "internal" });
      expect(inForce()).toBeUndefined();
      directory.createTenant({
        id: "t3",
        msp: "m1",
        name: "T3",
        defaultClass: "secret",
        policy: { rules: [{ id: "A" }], uses: { sets: "1" } },
      });
      directory.setTenantPolicy("t2", { rules: [{ id: "B" }], uses: undefined });
      directory.setTenantPolicy("t3", { rules: [{ id: "C" }, { id: "D" }], uses: undefined });
      const { tenants, policies } = inForce() ?? { tenants: new Map(), policies: [] };
      expect(new Set(tenants.keys())).toEqual(new Set(["t2", "t3"]));
      const documentOf = (id: string): unknown => policies.find(({ level, subject }) => level === "tenant" && subject === id)?.document;
      expect(policies).toHaveLength(2);
      expect(documentOf("t2")).toMatchObject({ apiVersion: "sovereignty/v1", kind: "Policy", rules: [{ id: "B" }] });
      expect(documentOf("t3")).toMatchObject({ rules: [{ id: "C" }, { id: "D" }] });
      expect(directory.listTenants().map(({ id, policy }) => [id, policy?.rules.length])).toEqual([
        ["t1", undefined],
        ["t2", 1],
        ["t3", 2],
      ]);
    });

    it("stores nothing of a policy with problems, and names each with its place", () => {
      const { directory, inForce } = open();
      const bad = { rules: [{}, { id: "A" }, {}], uses: undefined };
      const fault = {
        fault: "invalid_value",
        param: "policy",
        message: expect.stringMatching(/t2.*policy\[0\]\.id: .*; .*policy\[2\]\.id: /),
        extra: { problems: [expect.stringContaining("policy[0].id"), expect.stringContaining("policy[2].id")] },
      };
      const tenant = { id: "t2", msp: "m1", name: "T2", defaultClass: "internal" };
      expect(() => directory.createTenant({ ...tenant, policy: bad })).toThrow(expect.objectContaining(fault));
      expect(directory.listTenants()).toHaveLength(1);
      directory.createTenant({ ...tenant, policy: { rules: [{ id: "A" }], uses: undefined } });
      const before = inForce();
      expect(() => {
        directory.setTenantPolicy("t2", bad);
      }).toThrow(expect.objectContaining(fault));
      expect(inForce()).toBe(before);
      expect(directory.listTenants()[1]?.policy?.rules).toEqual([{ id: "A" }]);
    });

    it("replaces the limits of a tenant, a project and a key, for keys that it has just looked up as well", () => {
      const { directory } = open();
      directory.createTenant({ id: "t2", msp: "m1", name: "T2", defaultClass: "secret", limits: { ...NO_LIMITS, concurrency: 1 } });
      const project = directory.createProject({ id: "p2", tenant: "t2", name: "P2" });
      const { key, secret } = directory.createKey(newKey({ project }));
      expect(directory.byKeyHash(hashOf(secret))?.tenant.limits.concurrency).toBe(1);
      const [one, two, three] = [1, 2, 3].map((requestsPerMinute) => ({ ...NO_LIMITS, requestsPerMinute }));
      if (one === undefined || two === undefined || three === undefined) throw new Error("three limits");
      directory.setLimits("tenant", "t2", one);
      directory.setLimits("project", "p2", two);
      directory.setLimits("key", key.id, three);
      const principal = directory.byKeyHash(hashOf(secret));
      expect([principal?.tenant.limits, principal?.project.limits, principal?.key.limits]).toEqual([one, two, three]);
      expect(directory.listTenants()[1]?.limits).toEqual(one);
      expect(directory.listProjects("t2")[0]?.limits).toEqual(two);
      expect(directory.listKeys("p2")[0]?.limits).toEqual(three);
    });

    it("changes nothing that a file declares, and nothing that is not there", () => {
      const { directory } = open();
      const policy = { rules: [{ id: "A" }], uses: undefined };
      const readOnly = expect.objectContaining({
        fault: "invalid_value",
        param: "id",
        message: expect.stringContaining("declared in the configuration"),
      });
      expect(() => {
        directory.setTenantPolicy("t1", policy);
      }).toThrow(readOnly);
      for (const [of, id] of [
        ["tenant", "t1"],
        ["project", "p1"],
        ["key", "k1"],
      ] as const) {
        expect(() => {
          directory.setLimits(of, id, NO_LIMITS);
        }).toThrow(readOnly);
        expect(() => {
          directory.setLimits(of, "nobody", NO_LIMITS);
        }).toThrow(expect.objectContaining({ fault: "not_found" }));
      }
      expect(() => {
        directory.setTenantPolicy("nobody", policy);
      }).toThrow(expect.objectContaining({ fault: "not_found" }));
    });

    it("refuses what does not exist, what is taken, and what is malformed", () => {
      const { directory } = open();
      const refuses = (act: () => unknown, fault: object): void => {
        expect(act).toThrow(expect.objectContaining(fault));
      };
      const tenant = { id: "t2", msp: "m1", name: "T2", defaultClass: "secret" };
      refuses(() => directory.createTenant({ ...tenant, msp: "nobody" }), { fault: "not_found", param: "msp" });
      refuses(() => directory.createTenant({ ...tenant, id: "t1" }), { fault: "invalid_value", param: "id" });
      refuses(() => directory.createTenant({ ...tenant, id: "T 2" }), { fault: "invalid_value", param: "id" });
      refuses(() => directory.createTenant({ ...tenant, limits: { ...NO_LIMITS, concurrency: -1 } }), {
        fault: "invalid_value",
        param: "limits",
      });
      refuses(() => directory.createTenant({ ...tenant, defaultClass: "cosmic" }), { fault: "invalid_value", param: "default_class" });
      refuses(() => directory.createProject({ id: "p2", tenant: "nobody", name: "P" }), { fault: "not_found", param: "tenant" });
      refuses(() => directory.createProject({ id: "p1", tenant: "t1", name: "P" }), { fault: "invalid_value", param: "id" });
      refuses(() => directory.createKey(newKey({ project: projectId("nobody") })), { fault: "not_found", param: "project" });
      refuses(() => directory.createKey(newKey({ models: ["slow"] })), { fault: "invalid_value", param: "models" });
      refuses(() => directory.createKey(newKey({ cidrs: ["10.0.0.0/99"] })), { fault: "invalid_value", param: "cidrs" });
      refuses(() => directory.createKey(newKey({ expiresAtMs: 1 })), { fault: "invalid_value", param: "expires_at" });
      refuses(() => directory.revokeKey("nobody"), { fault: "not_found", param: "id" });
      refuses(() => directory.revokeKey("k1"), { fault: "invalid_value", param: "id" });
    });
  });
}
