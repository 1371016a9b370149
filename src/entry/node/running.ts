/** A gateway that can serve, and the handles to change and end it: the world put together on Node. */
import { hash } from "node:crypto";
import { isUtf8 } from "node:buffer";
import { engines } from "../../backends/index.ts";
import type { Declared } from "../../domain/estate.ts";
import type { Gate, Observer, Random, Stop } from "../../ports.ts";
import type { Facilities } from "../../routes/facilities.ts";
import { Fleet } from "../../routing/fleet.ts";
import { RetryBudget } from "../../routing/retry-budget.ts";
import { CacheSalts } from "../../stages/cache-salt.ts";
import { Idempotency } from "../../stages/idempotency.ts";
import { Live } from "../../stages/live.ts";
import { Watch } from "../../stages/watch.ts";
import type { Storage } from "../../storage/recover.ts";
import { AccessLog } from "../../telemetry/access-log.ts";
import { Metrics } from "../../telemetry/metrics.ts";
import { Telemetry } from "../../telemetry/observer.ts";
import { NodeTransport } from "../../transport/node.ts";
import type { Hash, World } from "../../world.ts";
import { nodeClock } from "./clock.ts";
import { MemoryDoor } from "./door.ts";
import { declare, type EstateInForce } from "./in-force.ts";
import type { ProcessLog } from "./logger.ts";

const nodeHash: Hash = {
  sha256: (bytes) => hash("sha256", bytes, "base64url"),
  isUtf8,
};

export interface RunningParts {
  readonly storage: Storage;
  readonly gate: Gate;
  readonly random: Random;
  readonly law: EstateInForce;
  readonly log: ProcessLog;
}

export class Running {
  readonly facilities: Facilities;
  readonly #parts: RunningParts;
  readonly #fleet = new Fleet(nodeClock);
  readonly #transport = new NodeTransport({ clock: nodeClock });
  readonly #watch: Watch;
  readonly #stops: readonly Stop[];
  #draining = false;

  constructor(parts: RunningParts) {
    this.#parts = parts;
    const { gate, storage } = parts;
    const live = new Live(gate);
    const metrics = new Metrics({
      requestsInFlight: () => live.size,
      backends: () => this.#fleet.snapshot().map((row) => ({ id: row.backend, inFlight: row.inFlight, up: row.up })),
    });
    const world = this.#world(live, metrics);
    this.#fleet.reset(world.estate().declared.backends.values());
    this.facilities = {
      world,
      ledger: storage.ledger,
      admin: storage.directory,
      door: new MemoryDoor(),
      metrics: () => metrics.registry.metrics(),
      ready: () => !this.#draining,
    };
    this.#watch = new Watch(world, (backend) => this.#transport.probe(backend));
    this.#stops = [live.start(nodeClock), this.#watch.start(nodeClock)];
  }

  /** Swaps everything declared in one assignment; returns the new epoch. @throws InvalidConfiguration, Error for an id in two homes; nothing has changed then */
  adopt(declared: Declared): number {
    const { law, storage } = this.#parts;
    declare(declared, storage.directory, law);
    this.#fleet.reset(declared.backends.values());
    this.#transport.retain(new Set(declared.backends.keys()));
    this.#watch.round();
    return law.estate.bundle.epoch;
  }

  /** Nothing new is taken from now on. */
  drain(): void {
    this.#draining = true;
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.#transport.close();
    await this.#parts.storage.close();
    this.#parts.log.close();
  }

  #world(live: Live, metrics: Metrics): World {
    const { gate, random, law, log, storage } = this.#parts;
    const observer: Observer = new Telemetry(
      metrics,
      log.requests === undefined ? undefined : new AccessLog(log.requests, nodeClock.nowMs),
    );
    return {
      clock: nodeClock,
      random,
      gate,
      directory: storage.directory,
      transport: this.#transport,
      engines: engines(),
      fleet: this.#fleet,
      retries: new RetryBudget(nodeClock),
      observer,
      hash: nodeHash,
      live,
      idempotency: new Idempotency(nodeHash),
      cacheSalts: new CacheSalts(nodeHash, random.secret()),
      estate: () => law.estate,
      draining: () => this.#draining,
    };
  }
}
