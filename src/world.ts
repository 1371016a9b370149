/** What the stages are given: the ports, plus the newest of everything declared. Nothing here is global. */
import type { Declared } from "./domain/estate.ts";
import type { EngineKind } from "./domain/fleet.ts";
import type { MspId } from "./domain/ids.ts";
import type { Msp } from "./domain/tenancy.ts";
import type { Bundle } from "./policies/bundle.ts";
import type { Arrival, Clock, Directory, Door, Engine, Gate, Observer, Random, Tracer, Transport } from "./ports.ts";
import type { Fleet } from "./routing/fleet.ts";
import type { RetryBudget } from "./routing/retry-budget.ts";
import type { CacheSalts } from "./stages/cache-salt.ts";
import type { Idempotency } from "./stages/idempotency.ts";
import type { Live } from "./stages/live.ts";

/** All that is declared, compiled: swapped as one value. A request keeps the one it began with, save for the law, which is always the newest. */
export interface Estate {
  readonly declared: Declared;
  readonly bundle: Bundle;
  /** Lower-case Host header -> MSP. */
  readonly hosts: ReadonlyMap<string, Msp>;
}

export interface World {
  readonly clock: Clock;
  readonly random: Random;
  readonly gate: Omit<Gate, "windows">;
  readonly directory: Directory;
  readonly transport: Transport;
  readonly engines: Readonly<Record<EngineKind, Engine>>;
  readonly fleet: Fleet;
  readonly retries: RetryBudget;
  readonly observer: Observer;
  readonly hash: Hash;
  readonly live: Live;
  readonly idempotency: Pick<Idempotency, "claim">;
  readonly cacheSalts: CacheSalts;
  /** Absent: nobody counts who comes without a valid key. */
  readonly door?: Door;
  /** Absent: requests are not followed. */
  readonly tracer?: Tracer;
  estate(): Estate;
  /** True once SIGTERM has come: nothing new is taken. */
  draining(): boolean;
}

export interface Hash {
  /** SHA-256, base64url. */
  sha256(bytes: Buffer | string): string;
  isUtf8(bytes: Buffer): boolean;
}

/** Whose service a request asks for: that of the MSP which the port answers for, else of the one that the host name belongs to. */
export function mspOf(
  { msp, host }: Pick<Arrival, "msp" | "host">,
  { declared, hosts }: Pick<Estate, "declared" | "hosts">,
): Msp | undefined {
  return msp === undefined ? hosts.get(host) : declared.msps.get(msp);
}

/** Host index of an estate. Hosts are unique by configuration. */
export function hostsOf(msps: ReadonlyMap<MspId, Msp>): ReadonlyMap<string, Msp> {
  const hosts = new Map<string, Msp>();
  for (const msp of msps.values()) for (const host of msp.hosts) hosts.set(host, msp);
  return hosts;
}
