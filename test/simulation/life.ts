/** One process: the real gateway with everything in it, from the recovery of what its predecessor left to its own death. */
import { isUtf8 } from "node:buffer";
import { engines } from "../../src/backends/index.ts";
import type { Backend } from "../../src/domain/fleet.ts";
import { NO_USAGE, tokensKept } from "../../src/domain/usage.ts";
import { asFault, serve } from "../../src/gateway.ts";
import { LocalGate } from "../../src/gate/local.ts";
import { recover } from "../../src/gate/recover.ts";
import { BOUNDS } from "../../src/bounds.ts";
import { SCOPES, type Gate, type Granted, type Orphan, type RequestRecord, type Spent, type Stop } from "../../src/ports.ts";
import { refuse } from "../../src/routes/handler.ts";
import { Fleet } from "../../src/routing/fleet.ts";
import { RetryBudget } from "../../src/routing/retry-budget.ts";
import { CacheSalts } from "../../src/stages/cache-salt.ts";
import { Idempotency } from "../../src/stages/idempotency.ts";
import { Live } from "../../src/stages/live.ts";
import { Watch } from "../../src/stages/watch.ts";
import type { World } from "../../src/world.ts";
import { LifeClock, type Agenda, type Owner } from "./agenda.ts";
import type { Caller } from "./caller.ts";
import type { Chance } from "./chance.ts";
import { type Built, sha256 } from "./declare.ts";
import { type Disk, SimJournal } from "./journal.ts";
import { type Network, type Sent, SimTransport } from "./network.ts";

export interface LifeParts {
  readonly agenda: Agenda;
  readonly disk: Disk;
  readonly network: Network;
  readonly chance: Chance;
  readonly built: () => Built;
  readonly sent: (sent: Sent) => void;
  readonly route: (cleared: Backend) => Backend;
  /** Puts the books, or a planted mistake, around the gate. */
  readonly watch: (gate: LocalGate) => Gate;
  readonly finished: (record: RequestRecord) => void;
}

/** More than a simulated day needs; the real bound's room would cost more than the day itself. */
const IDEMPOTENCY_ENTRIES = 1_000;
const hash = { sha256, isUtf8: (bytes: Buffer): boolean => isUtf8(bytes) };

export class Life {
  readonly owner: Owner;
  readonly gate: LocalGate;
  readonly journal: SimJournal;
  readonly transport: SimTransport;
  readonly world: World;
  readonly #parts: LifeParts;
  readonly #stops: readonly Stop[];
  readonly #watch: Watch;
  #draining = false;

  private constructor(parts: LifeParts, { owner, journal, gate }: { owner: Owner; journal: SimJournal; gate: LocalGate }) {
    const clock = new LifeClock(parts.agenda, owner);
    this.owner = owner;
    this.gate = gate;
    this.journal = journal;
    this.#parts = parts;
    const { agenda, network, chance, sent, route } = parts;
    this.transport = new SimTransport({ agenda, owner, network, chance: chance.fork("network"), sent, route });
    const fleet = new Fleet(clock);
    fleet.reset(parts.built().estate.declared.backends.values());
    const watched = parts.watch(gate);
    this.world = {
      clock,
      random: chance,
      gate: watched,
      directory: { byKeyHash: (key) => parts.built().principals.get(key) },
      transport: this.transport,
      engines: engines(),
      fleet,
      retries: new RetryBudget(clock),
      observer: { finished: parts.finished },
      hash,
      live: new Live(watched),
      idempotency: new Idempotency(hash, IDEMPOTENCY_ENTRIES),
      cacheSalts: new CacheSalts(hash, "secret"),
      estate: () => parts.built().estate,
      draining: () => this.#draining,
    };
    this.#watch = new Watch(this.world, (backend) => this.transport.probe(backend));
    this.#stops = [this.world.live.start(clock), this.#watch.start(clock)];
  }

  /** @throws Fault ledger_unavailable when the disk does not let it settle what was left open */
  static async open(parts: LifeParts, owner: Owner): Promise<Life> {
    const { agenda, disk, chance } = parts;
    const journal = new SimJournal(disk, { agenda, owner, chance: chance.fork("journal") });
    const spent = spentOn(disk);
    const orphans = disk.orphans();
    const granted = grantedOn(disk, orphans, agenda.wallMs);
    const recovered = await recover(orphans, journal, agenda.wallMs);
    const gate = new LocalGate(journal, new LifeClock(agenda, owner), [...spent, ...recovered]);
    gate.resume(granted);
    return new Life(parts, { owner, journal, gate });
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** As the routes do: a fault that is thrown is answered in OpenAI's shape. */
  async handle(caller: Caller, name: (request: string) => void): Promise<void> {
    const request = this.world.random.requestId(this.world.clock.nowMs());
    name(request);
    try {
      await serve(caller, caller.plan.capability, request, this.world);
    } catch (thrown) {
      refuse(caller, asFault(thrown), request);
    }
  }

  /** The configuration has been swapped. */
  adopted(): void {
    this.world.fleet.reset(this.#parts.built().estate.declared.backends.values());
    this.#watch.round();
  }

  /** Takes nothing new; runs `then` when nothing runs any more, or when it has waited long enough. */
  drain(then: (inTime: boolean) => void): void {
    this.#draining = true;
    let over = false;
    const once = (inTime: boolean): void => {
      if (!over) then(inTime);
      over = true;
    };
    void this.world.live.empty().then(() => this.world.clock.turn(() => once(true)));
    this.world.clock.after(BOUNDS.drainMsMax, () => once(false));
  }

  /** The orderly end, once callers have been cut off. */
  close(then: () => void): void {
    const { clock } = this.world;
    clock.turn(() =>
      clock.turn(() => {
        for (const stop of this.#stops) stop();
        this.transport.close();
        clock.after(1, then);
      }),
    );
  }

  die(): void {
    this.owner.alive = false;
    this.journal.die();
  }
}

/** What the disk says of the last minute. */
function grantedOn(disk: Disk, orphans: readonly Orphan[], wallMs: number): readonly Granted[] {
  const ends = new Map(disk.records.flatMap((record) => (record.kind === "end" ? [[record.request, record] as const] : [])));
  const marks = new Map(orphans.map(({ hold, mark }) => [hold.request, mark]));
  return disk.records.flatMap((hold) => {
    if (hold.kind !== "hold" || hold.atMs <= wallMs - BOUNDS.windowMs) return [];
    const { outcome, usage } = ends.get(hold.request) ?? { outcome: "crashed" as const, usage: marks.get(hold.request)?.usage ?? NO_USAGE };
    return SCOPES.map((scope) => ({
      scope,
      id: hold[scope],
      atMs: hold.atMs,
      requests: 1,
      tokens: tokensKept(hold.tokens, outcome, usage),
    }));
  });
}

/** What a ledger that folded the disk's records says was spent. */
function spentOn(disk: Disk): readonly Spent[] {
  const holds = new Map(disk.records.flatMap((record) => (record.kind === "hold" ? [[record.request, record] as const] : [])));
  return disk.records.flatMap((record) => {
    const hold = record.kind === "end" ? holds.get(record.request) : undefined;
    if (record.kind !== "end" || hold === undefined) return [];
    const month = new Date(hold.atMs).toISOString().slice(0, 7);
    return SCOPES.map((scope) => ({ scope, id: hold[scope], month, amount: record.amount }));
  });
}
