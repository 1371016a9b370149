/** One of several processes: serves callers on shared ports, over a lane of its own and leased limits, for as long as its parent lives. */
import { Fault } from "../../../faults.ts";
import { LeasedGate } from "../../../gate/leases/leased-gate.ts";
import type { Ledger } from "../../../ports.ts";
import { openLane, type LaneStorage } from "../../../storage/lane-storage.ts";
import { BOUNDS } from "../../../bounds.ts";
import { nodeClock } from "../clock.ts";
import { Doors, leave } from "../doors.ts";
import { buildEstate, InvalidConfiguration, readDeclared, type ConfigSource } from "../estate.ts";
import { declare, EstateInForce } from "../in-force.ts";
import { openLog, type ProcessLog } from "../logger.ts";
import { NodeRandom } from "../random.ts";
import { nodeHash, Running } from "../running.ts";
import { carrierToParent } from "./carriers.ts";
import { Link } from "./link.ts";
import { adopt, grants, recalls, release, start, usageRows, type start as Start } from "./messages.ts";
import { SharedIdempotency } from "./shared-idempotency.ts";
import type { z } from "zod";

type Begin = z.output<typeof Start>;

/** Waits to be told what to serve. */
export function runProcess(): void {
  const link = new Link(carrierToParent(), nodeClock, (failure) => process.stderr.write(`${String(failure)}\n`));
  link.listen({
    start: async (body) => {
      const serving = await Process.begin(start.parse(body), link);
      link.listen(serving.handlers);
    },
  });
  // The terminal's Ctrl-C reaches all: the parent is the one to say what happens then.
  process.on("SIGINT", () => undefined);
}

export class Process {
  readonly #begin: Begin;
  readonly #link: Link;
  readonly #lane: LaneStorage;
  readonly #gate: LeasedGate;
  readonly #running: Running;
  readonly #law: EstateInForce;
  readonly #log: ProcessLog;
  readonly #doors: Doors;
  #leaving = false;

  /** Resolves when it listens. @throws Error when it cannot */
  static async begin(begin: Begin, link: Link): Promise<Process> {
    const serving = new Process(begin, link);
    await serving.#running.exports;
    await serving.#doors.openToCallers(begin.listen.map(({ host, port, msp }) => ({ host, port, msp })));
    serving.#stayInTouch();
    return serving;
  }

  private constructor(begin: Begin, link: Link) {
    this.#begin = begin;
    this.#link = link;
    const built = buildEstate(sourceOf(begin, begin.text), 0, nodeClock.nowMs());
    if (!built.ok) throw new InvalidConfiguration(built.problems);
    const { settings } = built.estate.declared;
    const random = new NodeRandom();
    this.#log = openLog(settings.logLevel, true);
    this.#law = new EstateInForce(built.estate, nodeClock);
    const { lane, segment, oldest, processes, cacheSecret } = begin;
    const { dataDir: dir, fsync } = settings;
    this.#lane = openLane({ dir, lane, segment, oldest, clock: nodeClock, random, law: this.#law, fsync });
    declare(built.estate.declared, this.#lane.directory, this.#law);
    this.#gate = new LeasedGate(this.#lane.journal, nodeClock, {
      ask: async (wanted) => grants.parse(await link.ask("lease", wanted)),
      give: (given) => link.tell("return", given),
    });
    const storage = { ledger: this.#ledger(), directory: this.#lane.directory, close: () => this.#close() };
    const shared = { processes, cacheSecret, idempotency: new SharedIdempotency(link, nodeHash) };
    this.#running = new Running({ storage, gate: this.#gate, random, law: this.#law, log: this.#log, shared });
    this.#doors = new Doors(this.#running.facilities, BOUNDS, true);
  }

  /** What the parent may ask of it. */
  get handlers(): Readonly<Record<string, (body: unknown) => unknown>> {
    return {
      recall: (body) => this.#gate.recall(recalls.parse(body)),
      release: (body) => this.#lane.journal.release(release.parse(body).oldest),
      flush: () => this.#flushed(),
      metrics: () => this.#running.counted(),
      law: () => declare(this.#law.estate.declared, this.#lane.directory, this.#law),
      forget: () => this.#lane.directory.reload(this.#law.estate.declared),
      adopt: (body) => this.#adopt(adopt.parse(body).text),
      drain: () => this.#leave(),
    };
  }

  #adopt(text: string): void {
    const read = readDeclared(sourceOf(this.#begin, text));
    if (!read.ok) throw new InvalidConfiguration(read.problems);
    this.#running.adopt(read.declared);
  }

  #stayInTouch(): void {
    nodeClock.every(BOUNDS.processBeatMs, () => this.#link.tell("beat", this.#lane.journal.position));
    process.on("SIGTERM", () => {
      // The others go on. The kernel deals newcomers to this socket until it is closed, and resets those that wait in it then: so they are
      // served a little longer, and it is closed right behind a turn that has taken all that waited.
      this.#link.tell("leaving", null);
      nodeClock.after(BOUNDS.processFarewellMs, () => setImmediate(() => this.#partCompany()));
    });
    process.once("disconnect", () => {
      this.#gate.end();
      this.#partCompany();
    });
  }

  #partCompany(): void {
    this.#doors.closeToNewcomers();
    this.#leave();
  }

  #leave(): void {
    if (this.#leaving) return;
    this.#leaving = true;
    void leave(this.#doors, this.#running, this.#log).then((clean) => process.exit(clean ? 0 : 1));
  }

  async #close(): Promise<void> {
    this.#gate.leave();
    await this.#lane.close();
  }

  /** How far the journal is written when all that was appended is. */
  #flushed(): object {
    this.#lane.journal.flush();
    return this.#lane.journal.position;
  }

  #ledger(): Ledger {
    return {
      usage: async (query) => {
        if (this.#leaving && !process.connected) throw new Fault("ledger_unavailable");
        return usageRows.parse(await this.#link.ask("usage", query));
      },
    };
  }
}

function sourceOf({ file }: Pick<Begin, "file">, text: string): ConfigSource {
  return { file, text: () => text, env: process.env };
}
