/** The whole demo in one process: simulated engines on loopback, and a configuration that declares them with fresh keys. */
import { createHash } from "node:crypto";
import type { Clock, Random } from "../ports.ts";
import { type DemoEngineId, type Simulator, startEngines, stopEngines } from "./demo-engines.ts";
import { demoYaml, type EstateInput } from "./demo-estate.ts";
import { DEMO_TENANTS, type DemoTenant } from "./demo-tenants.ts";

const YEAR_MS = 365 * 24 * 3_600_000;
const ADMIN_KEY_ENV = "BAILIWICK_DEMO_ADMIN_KEY";

export interface DemoFleetOptions {
  readonly clock: Clock;
  readonly random: Pick<Random, "secret">;
  /** Where the gateway will listen, as host:port. Default: 8080, 8081 and, for the admin API, 9090 of loopback. */
  readonly addresses?: EstateInput["addresses"];
  /** Default ".bailiwick/demo". */
  readonly dataDir?: string;
  /** What the engines say depends on it. Default 1. */
  readonly seed?: number;
}

export interface DemoFleet {
  /** Text of bailiwick.yaml. */
  readonly yaml: string;
  /** What loading that file needs of the environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly adminKey: string;
  /** Each tenant with its secret, which is kept nowhere else. */
  readonly tenants: readonly { readonly tenant: DemoTenant; readonly key: string }[];
  readonly simulators: ReadonlyMap<DemoEngineId, Simulator>;
  /** Closes every engine. */
  stop(): Promise<void>;
}

const DEFAULT_ADDRESSES = { kontor: "127.0.0.1:8080", relais: "127.0.0.1:8081", admin: "127.0.0.1:9090" } as const;

/** Starts the engines on free ports and writes the configuration that fits them. Rejects when a port cannot be had. */
export async function startDemoFleet(options: DemoFleetOptions): Promise<DemoFleet> {
  const { clock, random, addresses = DEFAULT_ADDRESSES, dataDir = ".bailiwick/demo", seed = 1 } = options;
  const simulators = await startEngines(clock, seed);
  const tenants = DEMO_TENANTS.map((tenant) => ({ tenant, key: `sk-${random.secret()}` }));
  const adminKey = `sk-admin-${random.secret()}`;
  const yaml = demoYaml({
    addresses,
    dataDir,
    adminKeyEnv: ADMIN_KEY_ENV,
    urls: new Map([...simulators].map(([id, simulator]) => [id, simulator.url])),
    keys: new Map(tenants.map(({ tenant, key }) => [tenant.id, { hash: `sha256:${sha256(key)}`, hint: key.slice(-4) }])),
    expires: instant(clock.nowMs() + YEAR_MS),
    created: instant(clock.nowMs()),
  });
  return { yaml, env: { [ADMIN_KEY_ENV]: adminKey }, adminKey, tenants, simulators, stop: () => stopEngines(simulators) };
}

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

/** Whole seconds: nobody reads the rest. */
function instant(ms: number): string {
  return new Date(ms - (ms % 1_000)).toISOString().replace(".000Z", "Z");
}
