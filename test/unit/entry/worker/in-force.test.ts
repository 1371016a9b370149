import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import { EstateInForce } from "../../../../src/entry/worker/in-force.ts";
import { estateOf } from "../../../../src/entry/worker/estate.ts";
import type { Published } from "../../../../src/storage/d1/configuration.ts";
import { estateYaml } from "../../../edge/support/estate.ts";
import { VirtualClock } from "../../storage/fixtures/world.ts";

const URLS = { vllm: "http://127.0.0.1:1", triton: "http://127.0.0.1:2", embedding: "http://127.0.0.1:3" };
const ENVIRONMENT = { EDGE_ADMIN_KEY: "x" };
const YAML = estateYaml({ urls: URLS, dataDir: "d" }).replace("served_name:", "triton: { kind: vllm }\n        served_name:");

function setup() {
  const clock = new VirtualClock();
  const published = new Map<string, Published>();
  const said: string[] = [];
  const both: string[] = [];
  const asked: string[] = [];
  const state: { version: string | undefined; away: boolean } = { version: undefined, away: false };
  const law = new EstateInForce({
    stored: {
      version: async () => {
        asked.push("version");
        if (state.away) throw new Error("D1 is away");
        return state.version;
      },
      read: async (version) => {
        const found = published.get(version);
        if (found === undefined) throw new Error("not whole");
        return found;
      },
    },
    directory: { reload: () => undefined, inBothHomes: async () => both },
    clock,
    environment: ENVIRONMENT,
    say: (_, message, fields) => void said.push(`${message}: ${JSON.stringify(fields)}`),
    onChange: () => undefined,
  });
  const publish = (version: string, text = YAML, epoch = 1): void => {
    published.set(version, { version, epoch, file: "w.yaml", text, files: {} });
    state.version = version;
  };
  return { clock, law, publish, said, both, asked, state };
}

describe("EstateInForce", () => {
  it("serves nobody before something is published", async () => {
    const { law } = setup();
    await expect(law.refresh()).rejects.toMatchObject({ fault: "ledger_unavailable" });
    expect(() => law.estate).toThrow();
  });

  it("asks again when what it knows has become old, and not before", async () => {
    const { law, publish, asked, clock } = setup();
    publish("v1");
    for (let n = 0; n < 3; n += 1) await law.refresh();
    expect(asked).toHaveLength(1);
    publish("v2", YAML, 2);
    clock.pass(BOUNDS.keyCacheMsMax);
    await law.refresh();
    expect([asked.length, law.estate.bundle.epoch]).toEqual([2, 2]);
  });

  it("goes on with what is in force while another request asks, but never with what is too old", async () => {
    const { law, publish, asked, clock } = setup();
    publish("v1");
    await law.refresh();
    clock.pass(BOUNDS.keyCacheMsMax);
    const asking = law.refresh();
    await law.refresh();
    expect(asked).toHaveLength(2);
    await asking;
    clock.pass(2 * BOUNDS.keyCacheMsMax);
    await Promise.all([law.refresh(), law.refresh()]);
    expect(asked).toHaveLength(4);
  });

  it("refuses everybody while it cannot know what is in force", async () => {
    const { law, publish, state, clock } = setup();
    publish("v1");
    await law.refresh();
    state.away = true;
    clock.pass(2 * BOUNDS.keyCacheMsMax);
    await expect(law.refresh()).rejects.toMatchObject({ fault: "ledger_unavailable" });
    state.away = false;
    await law.refresh();
  });

  it("keeps what is in force when what is published is wrong, and says everything that is", async () => {
    const { law, publish, said, both, clock } = setup();
    publish("v1");
    await law.refresh();
    publish("v2", YAML.replace("msp: msp-alpine, name: Tenant A", "msp: msp-nobody, name: Tenant A"), 2);
    clock.pass(BOUNDS.keyCacheMsMax);
    await law.refresh();
    both.push("key twice");
    publish("v3", YAML, 3);
    clock.pass(BOUNDS.keyCacheMsMax);
    await law.refresh();
    expect([law.estate.bundle.epoch, said.length]).toEqual([1, 2]);
    expect(said.join()).toMatch(/msp-nobody.*key twice/);
  });
});

describe("estateOf", () => {
  const stored = { epoch: 1, file: "w.yaml", text: YAML, files: {} };

  it("states that addresses are not pinned, whatever the file says", () => {
    const text = YAML.replace("self: { site: site-obscura }", "self: { site: site-obscura, facts: { egress.pinned: true } }");
    const built = estateOf({ ...stored, text }, ENVIRONMENT, 0);
    if (!built.ok) throw new Error(built.problems.join());
    expect(built.estate.declared.self.facts.get("egress.pinned")?.value).toBe(false);
  });

  it("wants the kind of a Triton model said, since nobody looks", () => {
    const built = estateOf({ ...stored, text: YAML.replace("triton: { kind: vllm }", "") }, ENVIRONMENT, 0);
    expect(built.ok ? [] : built.problems).toEqual([expect.stringContaining("triton.kind")]);
  });

  it("takes secrets from the environment, and files only as they were published", () => {
    expect(estateOf(stored, {}, 0)).toMatchObject({ ok: false, problems: [expect.stringContaining("EDGE_ADMIN_KEY")] });
    const text = `${YAML}policies: [{ file: law.yaml, tenant: tenant-a }]\n`;
    const built = estateOf({ ...stored, text }, ENVIRONMENT, 0);
    expect(built.ok ? "" : built.problems.join()).toMatch(/law\.yaml|policies/);
  });
});
