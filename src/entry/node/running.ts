/** A gateway that can serve, and the handles to change and end it: the world put together on Node. */
import { hash } from "node:crypto";
import { isUtf8 } from "node:buffer";
import { engines } from "../../backends/index.ts";
import type { Declared, Exporter } from "../../domain/estate.ts";
import type { Backend } from "../../domain/fleet.ts";
import type { Ledger, Observer, Random, Stop, Tracer } from "../../ports.ts";
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
import type { Exporting } from "../../telemetry/otel/exporting.ts";
import { Telemetry } from "../../telemetry/observer.ts";
import { NodeTransport } from "../../transport/node.ts";
import type { Hash, World } from "../../world.ts";
import { nodeClock } from "./clock.ts";
import { MemoryDoor } from "./door.ts";
import { IdleMemory } from "./idle-memory.ts";
import { declare, type EstateInForce } from "./in-force.ts";
import type { ProcessLog } from "./logger.ts";

export const nodeHash: Hash = {
  sha256: (bytes) => hash("sha256", bytes, "base64url"),
  isUtf8,
};

/** What a process that is one of several shares with the others. */
export interface SharedParts {
  /** How many processes there are: each may send an even share of what a backend takes at once. */
  readonly processes: number;
  readonly cacheSecret: string;
  readonly idempotency: World["idempotency"];
}

export interface RunningParts {
  readonly storage: Pick<Storage, "directory" | "close"> & { readonly ledger: Ledger };
  readonly gate: World["gate"];
  readonly random: Random;
  readonly law: EstateInForce;
  readonly log: ProcessLog;
  readonly shared?: SharedParts;
  /** False: it administers and serves nobody, so it asks no engine how it is. */
  readonly serves?: boolean;
}

/** The exporter is loaded where there is one, and that takes a moment longer than the rest. */
type Followed = World & { tracer?: Tracer };

export class Running {
  readonly facilities: Facilities;
  /** Resolves when traces and metrics are exported, at once where there is no exporter. Rejects when it cannot be loaded. */
  readonly exports: Promise<void>;
  readonly #parts: RunningParts;
  readonly #fleet = new Fleet(nodeClock);
  readonly #transport: NodeTransport;
  readonly #watch: Watch;
  readonly #metrics: Metrics;
  readonly #stops: readonly Stop[];
  #exporting: Exporting | undefined;
  #draining = false;

  constructor(parts: RunningParts) {
    this.#parts = parts;
    this.#transport = new NodeTransport({ clock: nodeClock, limits: parts.law.estate.declared.settings.deadlines });
    const { gate, storage } = parts;
    const live = new Live(gate);
    const metrics = new Metrics({
      requestsInFlight: () => live.size,
      backends: () => this.#fleet.snapshot().map((row) => ({ id: row.backend, inFlight: row.inFlight, up: row.up })),
    });
    const world = this.#world(live, metrics);
    this.#metrics = metrics;
    this.#fleet.reset(this.#shares(world.estate().declared));
    this.facilities = {
      world,
      ledger: storage.ledger,
      admin: storage.directory,
      metrics: () => metrics.registry.metrics(),
      ready: () => !this.#draining,
    };
    const { exporter } = world.estate().declared;
    this.exports = exporter === undefined || parts.serves === false ? Promise.resolve() : this.#export(exporter, world);
    this.#watch = new Watch(world, (backend) => this.#transport.probe(backend));
    this.#stops =
      parts.serves === false ? [] : [live.start(nodeClock), this.#watch.start(nodeClock), new IdleMemory(() => live.size).start(nodeClock)];
  }

  /** Swaps everything declared in one assignment; returns the new epoch. @throws InvalidConfiguration, Error for an id in two homes; nothing has changed then */
  adopt(declared: Declared): number {
    const { law, storage } = this.#parts;
    declare(declared, storage.directory, law);
    this.#fleet.reset(this.#shares(declared));
    this.#transport.retain(new Set(declared.backends.keys()));
    if (this.#parts.serves !== false) this.#watch.round();
    return law.estate.bundle.epoch;
  }

  /** What this process has counted, as data that another can add to its own. */
  counted(): Promise<readonly object[]> {
    return this.#metrics.registry.getMetricsAsJSON();
  }

  /** Nothing new is taken from now on. */
  drain(): void {
    this.#draining = true;
  }

  async close(): Promise<void> {
    for (const stop of this.#stops) stop();
    await this.#exporting?.close();
    await this.#transport.close();
    await this.#parts.storage.close();
    this.#parts.log.close();
  }

  /** Nobody knows what the others have sent to a backend: each keeps to an even share of what it takes. */
  #shares({ backends }: Declared): Iterable<Backend> {
    const { processes = 1 } = this.#parts.shared ?? {};
    if (processes === 1) return backends.values();
    return Array.from(backends.values(), (backend) => ({
      ...backend,
      concurrencyMax: Math.max(1, Math.floor(backend.concurrencyMax / processes)),
    }));
  }

  async #export(exporter: Exporter, world: Followed): Promise<void> {
    const { law, log, random } = this.#parts;
    const { openExporting } = await import("./exporting.ts");
    this.#exporting = openExporting(exporter, { law, log, random, metrics: this.#metrics });
    world.tracer = this.#exporting.tracer;
  }

  #world(live: Live, metrics: Metrics): Followed {
    const { gate, random, law, log, storage, shared } = this.#parts;
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
      idempotency: shared?.idempotency ?? new Idempotency(nodeHash),
      cacheSalts: new CacheSalts(nodeHash, shared?.cacheSecret ?? random.secret()),
      door: new MemoryDoor(),
      estate: () => law.estate,
      draining: () => this.#draining,
    };
  }
}
