/** The world of the stages on Workers: what belongs to a request is made within it, what all requests of an isolate share is data. */
import { waitUntil } from "cloudflare:workers";
import { engines } from "../../backends/index.ts";
import type { MspId } from "../../domain/ids.ts";
import { RemoteGate } from "../../gate/remote.ts";
import type { Observer } from "../../ports.ts";
import type { Fleet } from "../../routing/fleet.ts";
import { RetryBudget } from "../../routing/retry-budget.ts";
import { CacheSalts } from "../../stages/cache-salt.ts";
import { Live } from "../../stages/live.ts";
import type { D1Directory } from "../../storage/d1/directory.ts";
import { AccessLog } from "../../telemetry/access-log.ts";
import { WebTransport } from "../../transport/web.ts";
import type { Estate, World } from "../../world.ts";
import type { Bindings, MspDesk } from "./bindings.ts";
import { workerClock } from "./clock.ts";
import { IsolateDoor } from "./door.ts";
import { workerHash } from "./hash.ts";
import { say } from "./log.ts";
import type { WorkerRandom } from "./random.ts";
import { RemoteIdempotency } from "./slots.ts";

export interface WorldParts {
  readonly bindings: Bindings;
  readonly directory: D1Directory;
  readonly random: WorkerRandom;
  /** The same in every isolate, or engines would cache each tenant's prompts anew for each. */
  readonly cacheSalt: string;
  readonly fleet: Fleet;
  readonly estate: () => Estate;
}

/** Backends are known by their answers alone: a probe that goes out when a request comes in would tell of it where its law does not reach. */
export function worldOf({ bindings, directory, random, cacheSalt, fleet, estate }: WorldParts): World {
  const clock = workerClock;
  const deskOf = (msp: MspId): MspDesk => deskIn(bindings, msp);
  const gate = new RemoteGate({
    deskOf,
    clock,
    later: waitUntil,
    lost: (request, cause) =>
      say("error", "a settlement did not reach its gate: the sweep settles the request", { request, detail: String(cause) }),
  });
  const mspOf = (tenant: Parameters<RemoteIdempotency["claim"]>[1]): MspId => {
    const known = estate().declared.tenants.get(tenant);
    if (known === undefined) throw new Error(`tenant ${tenant} is not declared`);
    return known.msp;
  };
  return {
    clock,
    random,
    gate,
    directory,
    transport: new WebTransport({ clock, fetch: (url, init) => fetch(url, init), limits: estate().declared.settings.deadlines }),
    engines: engines(),
    fleet,
    retries: new RetryBudget(clock),
    observer: observerOf(estate),
    hash: workerHash,
    live: new Live(gate, clock),
    idempotency: new RemoteIdempotency({ hash: workerHash, deskOf, mspOf, later: waitUntil }),
    cacheSalts: new CacheSalts(workerHash, cacheSalt),
    door: new IsolateDoor(clock),
    estate,
    draining: () => false,
  };
}

/** The object that keeps an MSP's gate, in the jurisdiction that is asked for. */
export function deskIn({ GATE, JURISDICTION }: Bindings, msp: MspId): MspDesk {
  const namespace = JURISDICTION === undefined || JURISDICTION === "" ? GATE : GATE.jurisdiction(JURISDICTION);
  return namespace.get(namespace.idFromName(msp));
}

function observerOf(estate: () => Estate): Observer {
  const log = new AccessLog({ write: (line) => console.log(line.trimEnd()) }, () => workerClock.nowMs());
  return {
    finished: (record) => {
      const { logLevel } = estate().declared.settings;
      if (logLevel === "info" || logLevel === "debug") log.write(record);
    },
  };
}
