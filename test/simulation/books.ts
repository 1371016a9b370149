/** The simulation's own accounting of the gate: kept by hand from what was asked and answered, and compared with the gate's after every turn. */
import { BOUNDS } from "../../src/bounds.ts";
import { SCOPES, type Admission, type Claim, type JournalRecord, type Scope, type Settlement } from "../../src/ports.ts";
import type { LocalGate } from "../../src/gate/local.ts";
import type { Breaches } from "./breaches.ts";
import type { Disk } from "./journal.ts";

/** One claim and what became of it. */
export interface Entry {
  readonly claim: Claim;
  readonly atMs: number;
  state: "asked" | "open" | "ended";
  /** What counts in the minute's windows. */
  tokens: number;
  settlement: Settlement | undefined;
  /** A limit said no. */
  refused: boolean;
}

/** Past this a request has outlived its total deadline; the slack is for sweeps and for the caller's own last bytes. */
const AGE_MS_MAX = BOUNDS.totalMsMax + 3_000;

export class Books {
  readonly entries = new Map<string, Entry>();
  readonly #breaches: Breaches;
  readonly #disk: Disk;
  /** The last minute, and all that runs. */
  #minute: Entry[] = [];
  /** Claims without an answer, with what stood when they were asked. */
  readonly #pending = new Map<Entry, Standing>();
  #money = new Map<
    string,
    { spent: number; held: number; readonly scope: Scope; readonly id: string; readonly budget: number | undefined; readonly month: string }
  >();
  readonly #holds = new Map<string, Extract<JournalRecord, { kind: "hold" }>>();
  readonly #ends = new Map<string, Extract<JournalRecord, { kind: "end" }>>();
  #seen = 0;
  #dirty = false;

  constructor(breaches: Breaches, disk: Disk) {
    this.#breaches = breaches;
    this.#disk = disk;
  }

  /** The claim is counted from the moment in which it is asked. */
  ask(claim: Claim, nowMs: number): Entry {
    const entry: Entry = { claim, atMs: nowMs, state: "asked", tokens: claim.tokens, settlement: undefined, refused: false };
    this.#pending.set(entry, this.#snapshot(entry));
    this.entries.set(claim.request, entry);
    this.#minute.push(entry);
    this.#book(entry, 0, claim.amount);
    return entry;
  }

  answered(entry: Entry, admission: Admission | undefined): void {
    const standing = this.#pending.get(entry);
    this.#pending.delete(entry);
    if (admission?.ok !== true) return this.#forget(entry, admission?.ok === false);
    if (standing === undefined) return;
    entry.state = "open";
    for (const what of oversOf(entry, standing))
      this.#breaches.report(what.includes("budget") ? "conservation" : what.includes("concurrency") ? "concurrency" : "window", what);
    this.readDisk();
    this.#breaches.must(
      this.#holds.has(entry.claim.request),
      "conservation",
      () => `${entry.claim.request} was admitted before its hold was durable`,
    );
  }

  settled(request: string, settlement: Settlement, { verdict, nowMs }: { verdict: "settled" | "already"; nowMs: number }): void {
    const entry = this.entries.get(request);
    if (entry === undefined || verdict === "already" || entry.state === "ended")
      return this.#breaches.report("conservation", `${request} was settled twice, or without a hold`);
    const amount = Math.min(settlement.amount, entry.claim.amount);
    this.#breaches.must(
      settlement.amount <= entry.claim.amount,
      "billing",
      () => `${request} costs ${settlement.amount}, held were ${entry.claim.amount}`,
    );
    this.#breaches.must(nowMs - entry.atMs <= AGE_MS_MAX, "deadline", () => `${request} lived ${nowMs - entry.atMs} ms`);
    this.#book(entry, amount, -entry.claim.amount);
    entry.state = "ended";
    entry.settlement = settlement;
    entry.tokens = keptOf(entry, settlement);
  }

  /** Somebody set the wall clock: which minute was meant before is not told any more. */
  forgetMinute(): void {
    this.#minute = this.#minute.filter(({ state }) => state !== "ended");
  }

  /** A new process stands on what its predecessor left on the disk, all of it settled. */
  restart(): void {
    this.readDisk();
    this.#minute = this.#minute.filter(({ claim }) => this.#holds.has(claim.request));
    this.#pending.clear();
    for (const total of this.#money.values()) total.spent = total.held = 0;
    for (const entry of this.entries.values()) entry.state = "ended";
    for (const [request, hold] of this.#holds) {
      const entry = this.entries.get(request);
      const end = this.#ends.get(request);
      if (entry === undefined) continue;
      this.#book(entry, end?.amount ?? hold.amount, 0);
      if (end !== undefined) entry.tokens = keptOf(entry, end);
    }
  }

  /** After every turn. */
  compare(gate: LocalGate, nowMs: number, wallMs: number): void {
    this.readDisk();
    for (const { state, atMs, claim } of this.#minute) {
      if (state === "open" && nowMs - atMs > AGE_MS_MAX + 60_000) this.#breaches.report("deadline", `${claim.request} never ends`);
    }
    if (!this.#dirty) return;
    this.#dirty = false;
    const month = monthOf(wallMs);
    for (const total of this.#money.values()) {
      const { scope, id, spent, held, budget } = total;
      this.#breaches.must(
        budget === undefined || spent + held <= budget,
        "conservation",
        () => `${scope} ${id}: ${spent} spent and ${held} held of a budget of ${String(budget)}`,
      );
      if (total.month !== month) continue;
      const known = gate.money(scope, id, wallMs);
      this.#breaches.must(
        known.spent === spent && known.held === held,
        "conservation",
        () => `${scope} ${id}: the gate knows ${known.spent} + ${known.held}, the books ${spent} + ${held}`,
      );
    }
  }

  /** When nothing runs any more and the journal is quiet. */
  close(): void {
    this.readDisk();
    for (const [request, hold] of this.#holds)
      this.#breaches.must(this.#ends.has(request), "conservation", () => `hold ${request} of ${hold.amount} has no end`);
    for (const { claim, state } of this.entries.values())
      this.#breaches.must(state === "ended", "conservation", () => `${claim.request} is ${state} for ever`);
  }

  /** While the process still lives: its own journal has the end of every hold. */
  checkWritten(): void {
    this.readDisk();
    for (const request of this.#holds.keys())
      this.#breaches.must(this.#ends.has(request), "conservation", () => `the settlement of ${request} was never written`);
  }

  get running(): number {
    let count = 0;
    for (const { state } of this.#minute) if (state !== "ended") count += 1;
    return count;
  }

  /** Looks at what came to the disk since the last look. */
  readDisk(): void {
    const { records } = this.#disk;
    for (; this.#seen < records.length; this.#seen += 1) {
      const record = records[this.#seen];
      if (record?.kind === "hold") {
        this.#breaches.must(!this.#holds.has(record.request), "conservation", () => `hold ${record.request} is written twice`);
        this.#holds.set(record.request, record);
      } else if (record?.kind === "end") {
        const hold = this.#holds.get(record.request);
        this.#breaches.must(hold !== undefined, "conservation", () => `end ${record.request} has no hold`);
        this.#breaches.must(!this.#ends.has(record.request), "conservation", () => `${record.request} has two ends`);
        this.#breaches.must(
          record.amount <= (hold?.amount ?? 0) && record.amount >= 0,
          "conservation",
          () => `${record.request} is charged ${record.amount} of ${String(hold?.amount)}`,
        );
        this.#ends.set(record.request, record);
      }
    }
  }

  hasHold(request: string): boolean {
    this.readDisk();
    return this.#holds.has(request);
  }

  #forget(entry: Entry, refused: boolean): void {
    if (entry.state !== "asked") return;
    entry.refused = refused;
    entry.state = "ended";
    this.#minute = this.#minute.filter((other) => other !== entry);
    this.#book(entry, 0, -entry.claim.amount);
    this.entries.delete(entry.claim.request);
  }

  /** What stands in the windows and budgets in the instant of a claim. */
  #snapshot({ claim, atMs }: Entry): Standing {
    this.#minute = this.#minute.filter((entry) => entry.atMs > atMs - BOUNDS.windowMs || entry.state !== "ended");
    const spent = SCOPES.map((scope) => this.#money.get(`${scope} ${claim.principal[scope].id} ${monthOf(claim.atMs)}`)?.spent ?? 0);
    return { others: this.#minute.map((entry) => ({ entry, tokens: entry.tokens, running: entry.state !== "ended" })), spent };
  }

  #book({ claim }: Entry, spent: number, held: number): void {
    this.#dirty = true;
    const month = monthOf(claim.atMs);
    for (const scope of SCOPES) {
      const { id, limits } = claim.principal[scope];
      const name = `${scope} ${id} ${month}`;
      let total = this.#money.get(name);
      if (total === undefined) this.#money.set(name, (total = { spent: 0, held: 0, scope, id, budget: limits.budgetPerMonth, month }));
      total.spent += spent;
      total.held += held;
    }
  }
}

/** Of what ended before its first output nobody knows what the engine has read: it keeps all that was reserved. */
function keptOf({ claim }: Entry, { usage, outcome }: Pick<Settlement, "usage" | "outcome">): number {
  if (usage.source === "none" && (outcome === "abandoned" || outcome === "crashed")) return claim.tokens;
  return usage.promptTokens + usage.completionTokens;
}

interface Standing {
  readonly others: readonly { readonly entry: Entry; readonly tokens: number; readonly running: boolean }[];
  /** By scope, in the order of SCOPES. */
  readonly spent: readonly number[];
}

/** Limits that an admitted claim has passed, by their definition and from the books alone. Who was refused counts for nothing. */
function oversOf({ claim, atMs }: Entry, { others, spent }: Standing): readonly string[] {
  return SCOPES.flatMap((scope, at) => {
    const { id, limits } = claim.principal[scope];
    const mine = others.filter(({ entry }) => !entry.refused && entry.claim.principal[scope].id === id);
    const recent = mine.filter(({ entry }) => entry.atMs > atMs - BOUNDS.windowMs);
    const tokens = recent.reduce((sum, other) => sum + other.tokens, 0);
    const running = mine.filter((other) => other.running);
    const held = running.reduce((sum, { entry }) => sum + (monthOf(entry.claim.atMs) === monthOf(claim.atMs) ? entry.claim.amount : 0), 0);
    return [
      above(recent.length + 1, limits.requestsPerMinute, `${scope} ${id}: requests in a minute`),
      above(tokens + claim.tokens, limits.tokensPerMinute, `${scope} ${id}: tokens in a minute`),
      above(running.length + 1, limits.concurrency, `${scope} ${id}: concurrency`),
      claim.amount === 0 ? [] : above((spent[at] ?? 0) + held + claim.amount, limits.budgetPerMonth, `${scope} ${id}: budget`),
    ].flat();
  });
}

function above(value: number, limit: number | undefined, what: string): readonly string[] {
  return limit === undefined || value <= limit ? [] : [`${what}: ${value} above ${limit}`];
}

function monthOf(wallMs: number): string {
  return new Date(wallMs).toISOString().slice(0, 7);
}
