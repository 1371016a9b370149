/** One simulated day in miniature: the whole gateway against a seed, judged after every turn and at the end. */
import { createHash } from "node:crypto";
import { Agenda, NATURE, type Owner } from "./agenda.ts";
import { Books } from "./books.ts";
import { type Breach, Breaches } from "./breaches.ts";
import { Caller } from "./caller.ts";
import { Chance } from "./chance.ts";
import { Court } from "./court.ts";
import { build, type Built } from "./declare.ts";
import { Disk } from "./journal.ts";
import { Life, type LifeParts } from "./life.ts";
import { Network } from "./network.ts";
import { generateEstate, type PlainEstate } from "./plain-estate.ts";
import { planCaller, type Plan } from "./plan.ts";
import { changed } from "./reload.ts";
import { WatchedGate } from "./watched-gate.ts";
import type { Plant } from "./plant.ts";
import { bringWeather, type Weather } from "./weather.ts";

export interface Outcome {
  readonly seed: number;
  /** Equal for equal runs. */
  readonly hash: string;
  readonly breaches: readonly Breach[];
  readonly seen: Readonly<Record<string, number>>;
}

/** Runs one seed from its beginning to the last settlement. */
export const simulate = (seed: number, plant: Plant = {}): Promise<Outcome> => new Simulation(seed, plant).run();

const [CALLERS_LEAST, CALLERS_MOST] = [30, 60];
const [SPAN_MS_LEAST, SPAN_MS_MOST] = [8_000, 75_000];
const PATIENCE_MS = 1_900_000;
const [MID_MONTH_MS, LAST_MINUTE_MS] = [Date.UTC(2026, 10, 12, 9), Date.UTC(2026, 10, 30, 23, 59, 40)];

class Simulation implements Weather {
  readonly chance: Chance;
  readonly agenda: Agenda;
  readonly disk = new Disk();
  readonly network: Network;
  readonly spanMs: number;
  readonly #seed: number;
  readonly #plant: Plant;
  readonly #breaches: Breaches;
  readonly #books: Books;
  readonly #trace = createHash("sha256");
  readonly #seen: Record<string, number> = {};
  readonly #court: Court;
  readonly #plans: Plan[] = [];
  #built: Built;
  #life: Life | undefined;
  #owner: Owner = { alive: true };
  #lives = 0;

  constructor(seed: number, plant: Plant) {
    this.#seed = seed;
    this.#plant = plant;
    this.chance = new Chance(seed, "simulation");
    const joins = this.chance.fork("joins");
    // Some days cross the end of a month.
    const startMs = this.chance.hits(0.2) ? LAST_MINUTE_MS : MID_MONTH_MS;
    this.agenda = new Agenda(startMs, () => joins.hits(0.5));
    this.network = new Network(this.chance.fork("engines"));
    this.spanMs = this.chance.between(SPAN_MS_LEAST, SPAN_MS_MOST);
    this.#breaches = new Breaches(() => this.agenda.nowMs);
    this.#books = new Books(this.#breaches, this.disk);
    this.#court = new Court({
      agenda: this.agenda,
      books: this.#books,
      breaches: this.#breaches,
      plain: () => this.#built.plain,
      note: (kind, line) => this.note(kind, line),
      works: (request) => this.#life?.transport.works(request) === true,
    });
    this.#built = this.#build(generateEstate(this.chance.fork("estate"), startMs));
  }

  async run(): Promise<Outcome> {
    this.#start();
    this.#planCallers();
    bringWeather(this);
    while (!this.#idle() && (await this.agenda.step())) this.#afterTurn();
    await this.#finish();
    const seen = { ...this.#seen, events: this.agenda.events };
    return { seed: this.#seed, hash: this.#trace.digest("hex"), breaches: this.#breaches.list, seen };
  }

  reload(): void {
    const { estate, what } = changed(this.#built.plain, this.chance, this.agenda.wallMs);
    this.#built = this.#build(estate);
    this.#life?.adopted();
    this.note("reloads", `reload ${what}`);
  }

  /** Now, or before the turn that comes has written what it owes to the journal. */
  crash(beforeTurn: boolean): void {
    if (!beforeTurn) return this.#die();
    this.agenda.beforeTurn = () => {
      this.agenda.beforeTurn = () => undefined;
      this.#die();
    };
  }

  drain(): void {
    const life = this.#life;
    if (life === undefined || life.draining) return;
    this.note("drains", "drain");
    life.drain((inTime) => {
      const cut = this.#court.cutOff();
      life.close(() => {
        const holds = life.gate.holdsOpen;
        this.#breaches.must(!inTime || cut + holds === 0, "leak", () => `an orderly end cuts off ${cut} callers and leaves ${holds} holds`);
        this.#die();
      });
    });
  }

  clockSet(): void {
    this.#books.forgetMinute();
  }

  note(kind: string, line: string): void {
    this.#seen[kind] = (this.#seen[kind] ?? 0) + 1;
    this.#trace.update(`${this.agenda.nowMs} ${line}\n`);
    this.#plant.trace?.(`${this.agenda.nowMs} ${line}`);
  }

  get backends(): readonly string[] {
    return this.#built.plain.backends.map(({ id }) => id);
  }

  #start(): void {
    const owner: Owner = { alive: true };
    this.#owner = owner;
    this.#lives += 1;
    const parts = this.#parts();
    Life.open(parts, owner).then(
      (life) => {
        if (!owner.alive) return;
        this.#books.restart();
        this.#court.restart();
        this.#life = life;
        this.note("starts", "start");
      },
      () => owner.alive && this.#die(),
    );
  }

  #parts(): LifeParts {
    const { agenda, disk, network } = this;
    return {
      agenda,
      disk,
      network,
      chance: this.chance.fork(`life ${this.#lives}`),
      built: () => this.#built,
      sent: (sent) => this.#court.sent(sent),
      route: (cleared) => this.#plant.route?.(cleared, this.#built) ?? cleared,
      watch: (real) => {
        const watched = new WatchedGate(real, {
          books: this.#books,
          nowMs: () => agenda.nowMs,
          told: (request, settlement) => this.#court.settled(request, settlement),
        });
        return this.#plant.gate?.(watched, real, disk) ?? watched;
      },
      finished: (record) => this.note("finished", `finished ${record.request} ${record.status} ${String(record.fault)} ${record.attempts}`),
    };
  }

  #die(): void {
    if (!this.#owner.alive) return;
    this.note("deaths", "death");
    this.#owner.alive = false;
    this.#life?.die();
    this.#life = undefined;
    for (const { caller } of this.#court.open) caller.reset();
    this.agenda.after(this.chance.between(5, 1_500), NATURE, () => this.#start());
  }

  #planCallers(): void {
    const chance = this.chance.fork("callers");
    const count = chance.between(CALLERS_LEAST, CALLERS_MOST);
    let atMs = 20;
    for (let index = 0; index < count; index += 1) {
      // Many come at once, some on their own.
      if (chance.hits(0.6)) atMs = chance.between(20, this.spanMs);
      const plan = planCaller(index, atMs, { estate: this.#built.plain, chance, before: this.#plans });
      this.#plans.push(plan);
      // Law that changes while a request is on its way is what matters most.
      if (chance.hits(0.1)) this.agenda.after(atMs + chance.between(0, chance.pick([5, 40, 300])), NATURE, () => this.reload());
      this.agenda.after(atMs, NATURE, () => this.#arrive(plan, chance.fork(`caller ${index}`)));
    }
  }

  #arrive(plan: Plan, chance: Chance): void {
    const life = this.#life;
    if (life === undefined) return this.note("unreachable", `caller ${plan.index} finds nobody`);
    const real = new Caller(plan, this.agenda, chance);
    const caller = this.#plant.caller?.(real) ?? real;
    caller.onRead = () => this.#court.read(plan);
    void life.handle(caller, (request) => this.#court.admit(request, caller, life.draining));
  }

  // ---- the end of a turn, and of all

  #afterTurn(): void {
    if (this.#life !== undefined) this.#books.compare(this.#life.gate, this.agenda.nowMs, this.agenda.wallMs);
    this.#court.afterTurn();
  }

  #idle(): boolean {
    if (this.agenda.nowMs < this.spanMs) return false;
    if (this.agenda.nowMs > this.spanMs + PATIENCE_MS) return true;
    const life = this.#life;
    return (
      life !== undefined &&
      !life.draining &&
      this.#court.open.size === 0 &&
      this.#books.running === 0 &&
      life.gate.holdsOpen === 0 &&
      life.gate.endsRefused === 0 &&
      life.journal.quiet &&
      life.transport.held === 0
    );
  }

  async #finish(): Promise<void> {
    this.#court.close();
    this.#checkIdle();
    if (this.#life !== undefined) this.#books.checkWritten();
    // What is left on the disk must be enough for a successor, also when this process is killed as it stands.
    this.#die();
    while (this.#life === undefined && (await this.agenda.step())) this.#books.readDisk();
    this.#books.close();
  }

  #checkIdle(): void {
    const life = this.#life;
    if (life === undefined) return;
    this.#breaches.must(life.world.live.size === 0, "leak", () => `${life.world.live.size} requests are live for ever`);
    this.#breaches.must(life.gate.holdsOpen === 0, "leak", () => `${life.gate.holdsOpen} holds stay open`);
    this.#breaches.must(life.transport.held === 0, "leak", () => `${life.transport.held} exchanges were not let go of`);
    for (const { backend, inFlight } of life.world.fleet.snapshot())
      this.#breaches.must(inFlight === 0, "leak", () => `${backend} has ${inFlight} in flight for ever`);
  }

  #build(plain: PlainEstate): Built {
    return build(plain, this.agenda.wallMs, this.#plant.law?.(plain));
  }
}
