/** Puts the world together on Node: storage opened and mended, orphans settled, the gate standing on what was spent. */
import { hash } from "node:crypto";
import { isUtf8 } from "node:buffer";
import { engines } from "../../backends/index.ts";
import { LocalGate } from "../../gate/local.ts";
import { recover } from "../../gate/recover.ts";
import type { Observer } from "../../ports.ts";
import type { Service } from "../../routes/service.ts";
import { Fleet } from "../../routing/fleet.ts";
import { RetryBudget } from "../../routing/retry-budget.ts";
import { Idempotency } from "../../stages/idempotency.ts";
import { Live } from "../../stages/live.ts";
import { Watch } from "../../stages/watch.ts";
import { openStorage, type Storage } from "../../storage/recover.ts";
import { AccessLog } from "../../telemetry/access-log.ts";
import { Metrics } from "../../telemetry/metrics.ts";
import { Telemetry } from "../../telemetry/observer.ts";
import { NodeTransport } from "../../transport/node.ts";
import type { Estate, Hash, World } from "../../world.ts";
import type { Declared } from "../../domain/estate.ts";
import { nodeClock } from "./clock.ts";
import { MemoryDoor } from "./door.ts";
import { InvalidConfiguration } from "./estate.ts";
import { EstateInForce } from "./in-force.ts";
import type { ProcessLog } from "./logger.ts";
import { NodeRandom } from "./random.ts";

export const nodeHash: Hash = {
  sha256: (bytes) => hash("sha256", bytes, "base64url"),
  isUtf8,
};

/** A gateway that can serve, and the handles to change and end it. */
export interface Running {
  readonly service: Service;
  /** Swaps everything declared in one assignment; returns the new epoch. @throws InvalidConfiguration, Error for an id in two homes; nothing has changed then */
  adopt(declared: Declared): number;
  readonly watch: Watch;
  drain(): void;
  close(): Promise<void>;
}

/** @param first what the file says alone. @throws InvalidConfiguration when what is in the database is no law beside it */
export async function openService(first: Estate, log: ProcessLog): Promise<Running> {
  const { settings } = first.declared;
  const random = new NodeRandom();
  const law = new EstateInForce(first, nodeClock);
  const storage = await openStorage({
    dir: settings.dataDir,
    clock: nodeClock,
    random,
    law,
    fsync: settings.fsync,
    log: (level, message, fields) => log.logger[level](fields, message),
  });
  try {
    declare(first.declared, storage, law);
    const recovered = await recover(storage.orphans, storage.journal, nodeClock.nowMs());
    if (storage.orphans.length > 0) log.logger.warn({ holds: storage.orphans.length }, "settled what the last process left open");
    const gate = new LocalGate(storage.journal, nodeClock, [...storage.spent, ...recovered]);
    gate.resume(storage.granted);
    return assemble({ storage, gate, random, law, log });
  } catch (failure) {
    await storage.close();
    throw failure;
  }
}

/** What the files declare, with what the directory has, becomes the estate in force; or nothing changes. */
function declare(declared: Declared, { directory }: Storage, law: EstateInForce): void {
  const draft = law.redeclare(declared, directory.kept(declared));
  if (!draft.ok) throw new InvalidConfiguration(draft.problems);
  directory.reload(declared);
  draft.enact();
}

interface Parts {
  readonly storage: Storage;
  readonly gate: LocalGate;
  readonly random: NodeRandom;
  readonly law: EstateInForce;
  readonly log: ProcessLog;
}

function assemble({ storage, gate, random, law, log }: Parts): Running {
  let draining = false;
  const first = law.estate;
  const fleet = new Fleet(nodeClock);
  fleet.reset(first.declared.backends.values());
  const transport = new NodeTransport({ clock: nodeClock });
  const live = new Live(gate);
  const metrics = new Metrics({ requestsInFlight: () => live.size, backends: () => fleet.snapshot().map((row) => ({ id: row.backend, inFlight: row.inFlight, up: row.up })) });
  const observer: Observer = new Telemetry(metrics, log.requests === undefined ? undefined : new AccessLog(log.requests, nodeClock.nowMs));
  const world: World = {
    clock: nodeClock,
    random,
    gate,
    directory: storage.directory,
    transport,
    engines: engines(),
    fleet,
    retries: new RetryBudget(nodeClock),
    observer,
    hash: nodeHash,
    live,
    idempotency: new Idempotency(nodeHash),
    estate: () => law.estate,
    draining: () => draining,
  };
  const watch = new Watch(world, (backend) => transport.probe(backend));
  const stops = [live.start(nodeClock), watch.start(nodeClock)];
  return {
    service: { world, ledger: storage.ledger, admin: storage.directory, door: new MemoryDoor(), metrics: () => metrics.registry.metrics(), ready: () => !draining },
    watch,
    adopt(declared) {
      declare(declared, storage, law);
      fleet.reset(declared.backends.values());
      transport.retain(new Set(declared.backends.keys()));
      watch.round();
      return law.estate.bundle.epoch;
    },
    drain() {
      draining = true;
    },
    async close() {
      for (const stop of stops) stop();
      await transport.close();
      await storage.close();
      log.close();
    },
  };
}
