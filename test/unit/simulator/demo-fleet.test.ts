import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/config/load.ts";
import type { Declared } from "../../../src/domain/estate.ts";
import type { Question } from "../../../src/domain/law.ts";
import { type Bundle, compileBundle } from "../../../src/policies/bundle.ts";
import { decide, selfAdmits } from "../../../src/policies/decide.ts";
import { DEMO_ENGINES, startEngines } from "../../../src/simulator/demo-engines.ts";
import { demoYaml } from "../../../src/simulator/demo-estate.ts";
import { type DemoFleet, startDemoFleet } from "../../../src/simulator/demo-fleet.ts";
import { DEMO_MSPS, DEMO_TENANTS } from "../../../src/simulator/demo-tenants.ts";
import { closing, TurboClock } from "./support.ts";

const clock = new TurboClock();

async function fleet(): Promise<DemoFleet> {
  let made = 0;
  const secret = (): string =>
    createHash("sha256")
      .update(String((made += 1)))
      .digest("base64url");
  return closing(await startDemoFleet({ clock, random: { secret } }));
}

function load({ yaml, env }: Pick<DemoFleet, "yaml" | "env">): Declared {
  const loaded = loadConfig(yaml, { file: "demo.yaml", readFile: (path) => expect.unreachable(path), env });
  if ("findings" in loaded) throw new Error(JSON.stringify(loaded.findings, undefined, 2));
  return loaded.declared;
}

function compile(declared: Declared): Bundle {
  const compiled = compileBundle({ ...declared, epoch: 1, nowMs: clock.nowMs() });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems, undefined, 2));
  return compiled.bundle;
}

/** What a tenant of the demo asks when it names an alias. */
function question(declared: Declared, tenantId: string, alias: string, require?: string): Question {
  const key = declared.keys.find(({ id }) => id === `${tenantId}-demo`) ?? expect.unreachable();
  const project = declared.projects.get(key.project) ?? expect.unreachable();
  const tenant = declared.tenants.get(project.tenant) ?? expect.unreachable();
  const sold = declared.msps.get(tenant.msp)?.aliases.get(alias) ?? expect.unreachable();
  const capability = alias.endsWith("-embed") ? "embeddings" : "chat";
  return {
    msp: tenant.msp,
    tenant: tenant.id,
    project: project.id,
    key: key.id,
    model: sold.model,
    capability,
    defaultClass: tenant.defaultClass,
    require,
  };
}

describe("startDemoFleet", () => {
  it("writes a configuration that loads, with law that compiles, for engines that answer", async () => {
    const demo = await fleet();
    const declared = load(demo);
    compile(declared);
    expect([...declared.backends.keys()].sort()).toEqual(DEMO_ENGINES.map(({ id }) => id).sort());
    expect(declared.settings.listen.map(({ host, port, msp }) => [host, port, msp])).toEqual([
      ["127.0.0.1", 8080, "kontor"],
      ["127.0.0.1", 8081, "relais"],
    ]);
    for (const backend of declared.backends.values()) {
      const path = backend.engine === "vllm" ? "/v1/models" : "/v2/models/harbour-8b";
      expect((await fetch(backend.baseUrl + path)).status).toBe(200);
    }
  });

  it("lets each tenant begin at the class that its rules are about", async () => {
    const { tenants } = load(await fleet());
    expect([...tenants.values()].map(({ id, defaultClass }) => [String(id), defaultClass])).toEqual([
      ["klinikum", "restricted"],
      ["papillon", "public"],
      ["ministere", "confidential"],
      ["flandre", "public"],
    ]);
  });

  it("keeps secrets out of the file: hashes only, of keys that are new each time", async () => {
    const demo = await fleet();
    const declared = load(demo);
    for (const { tenant, key } of demo.tenants) {
      expect(key).toMatch(/^sk-[A-Za-z0-9_-]{43}$/);
      expect(demo.yaml).not.toContain(key);
      const kept = declared.keys.find(({ id }) => id === `${tenant.id}-demo`);
      expect(kept).toMatchObject({ hash: createHash("sha256").update(key).digest("base64url"), hint: key.slice(-4) });
    }
    expect(demo.yaml).not.toContain(demo.adminKey);
    expect(new Set([demo.adminKey, ...demo.tenants.map(({ key }) => key)]).size).toBe(5);
  });

  it.each([
    ["klinikum", "kontor-chat", undefined, ["berlin", "frankfurt"]],
    ["klinikum", "kontor-embed", undefined, ["frankfurt-embed"]],
    ["klinikum", "kontor-large", undefined, []],
    ["papillon", "kontor-chat", undefined, ["berlin", "frankfurt", "munich", "paris", "virginia"]],
    ["papillon", "kontor-large", undefined, ["munich", "virginia-large"]],
    ["papillon", "kontor-chat", "country=(US)", ["virginia"]],
    ["ministere", "relais-chat", undefined, ["paris"]],
    ["ministere", "relais-embed", undefined, ["paris-embed"]],
    ["flandre", "relais-chat", undefined, ["berlin", "frankfurt", "munich", "paris"]],
    ["flandre", "relais-chat", "class=confidential", ["berlin", "frankfurt", "paris"]],
    ["flandre", "relais-large", undefined, ["munich"]],
  ])("lets %s with %s (%s) go to %j and nowhere else", async (tenant, alias, require, places) => {
    const declared = load(await fleet());
    const decision = decide(compile(declared), question(declared, tenant, alias, require), clock.nowMs());
    expect(decision.admissible.map(({ id }) => String(id)).sort()).toEqual(places);
  });

  it("lets this very gateway handle every tenant", async () => {
    const declared = load(await fleet());
    const bundle = compile(declared);
    for (const { id, msp } of DEMO_TENANTS) {
      for (const require of [undefined, "class=confidential"]) {
        const asked = question(declared, id, DEMO_MSPS[msp].chat, require);
        expect([id, selfAdmits(bundle, asked, clock.nowMs())]).toEqual([id, { ok: true }]);
      }
    }
  });

  it("refuses for each tenant what it says it refuses", async () => {
    const declared = load(await fleet());
    const bundle = compile(declared);
    for (const { id, refused } of DEMO_TENANTS) {
      const asked = question(declared, id, refused.model, refused.require);
      const decision = decide(bundle, asked, clock.nowMs());
      // The reason is the place of the model, not the place of this gateway.
      expect([id, selfAdmits(bundle, asked, clock.nowMs())]).toEqual([id, { ok: true }]);
      expect([id, decision.admissible]).toEqual([id, []]);
      expect(decision.considered).toBeGreaterThan(0);
    }
  });

  it("closes every engine", async () => {
    const demo = await fleet();
    await demo.stop();
    for (const simulator of demo.simulators.values()) await expect(fetch(simulator.url)).rejects.toThrow();
  });
});

describe("demoYaml", () => {
  it("takes the addresses it is given", async () => {
    const urls = new Map([...(await startEngines(clock, 1))].map(([id, simulator]) => [id, closing(simulator).url]));
    const addresses = { kontor: "127.0.0.1:0", relais: "127.0.0.1:0", admin: "127.0.0.1:0" };
    const keys = new Map([["papillon", { hash: `sha256:${"0".repeat(64)}`, hint: "0000" }]]);
    const times = { expires: "2030-01-01T00:00:00Z", created: "2026-01-01T00:00:00Z" };
    const yaml = demoYaml({ addresses, dataDir: "some where", adminKeyEnv: "ADMIN", urls, keys, ...times });
    expect(load({ yaml, env: { ADMIN: "secret" } }).settings).toMatchObject({ dataDir: "some where", admin: { port: 0 } });
  });
});
