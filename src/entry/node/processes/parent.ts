/** The parent of several processes: grants leases, folds their journals, answers operators, and serves no caller itself. */
import type { Declared } from "../../../domain/estate.ts";
import type { Lessor } from "../../../gate/leases/lease.ts";
import { LeaseOffice } from "../../../gate/leases/office.ts";
import type { Ledger, UsageQuery, UsageRow } from "../../../ports.ts";
import type { Facilities } from "../../../routes/facilities.ts";
import type { SharedStorage } from "../../../storage/shared-storage.ts";
import { nodeClock } from "../clock.ts";
import type { Listening } from "../doors.ts";
import type { ProcessLog } from "../logger.ts";
import type { Running } from "../running.ts";
import { Counts } from "./counts.ts";
import { Crew } from "./crew.ts";
import type { Handlers } from "./link.ts";
import { Member } from "./member.ts";
import { beat, returns, slotEnd, usageQuery, wanted, wants } from "./messages.ts";
import { SlotKeeper } from "./slot-keeper.ts";

/** The configuration that runs, as it was read. */
export interface Config {
  readonly file: string;
  readonly text: string;
}

export interface ParentParts {
  readonly size: number;
  readonly storage: SharedStorage;
  readonly running: Running;
  readonly log: ProcessLog;
  readonly config: Config;
  readonly cacheSecret: string;
}

export class Parent {
  readonly crew: Crew;
  readonly #parts: ParentParts;
  readonly #office: LeaseOffice;
  readonly #slots = new SlotKeeper();
  readonly #counts = new Counts();
  /** Those that are told of every change: they know all that came before. */
  readonly #told = new Set<Member>();
  /** Changes that not everybody has taken yet. */
  readonly #spreading = new Set<Promise<unknown>>();
  #config: Config;
  #changes = 0;
  #listen: readonly Listening[] = [];

  constructor(parts: ParentParts) {
    this.#parts = parts;
    this.#config = parts.config;
    const { size, storage, log } = parts;
    this.#office = new LeaseOffice(nodeClock, storage.spent, storage.granted);
    this.crew = new Crew(size, { launch: (lane) => this.#launch(lane), bury: (member) => this.#bury(member) }, log);
  }

  /** Resolves when all processes serve. @throws Error when one cannot; then none is left */
  begin(listen: readonly Listening[]): Promise<void> {
    this.#listen = listen;
    return this.crew.begin();
  }

  /** What operators are answered from: like a gateway's own, but of all processes together. */
  facilities(): Facilities {
    const { running, storage } = this.#parts;
    const own = running.facilities;
    return {
      ...own,
      ledger: this.ledger,
      admin: this.#spreads(storage.directory),
      metrics: () => this.#metrics(),
      ready: () => this.crew.serves,
    };
  }

  get ledger(): Ledger {
    return { usage: (query) => this.#usage(query) };
  }

  /** Takes a configuration that is sound, and sees to it that all take it. @throws InvalidConfiguration, Error; then nothing has changed */
  adopt(declared: Declared, text: string): number {
    const epoch = this.#parts.running.adopt(declared);
    this.#config = { ...this.#config, text };
    this.#spread("adopt", { text });
    return epoch;
  }

  /** undefined: everybody has taken everything. Never rejects. */
  spread(): Promise<unknown> | undefined {
    return this.#spreading.size === 0 ? undefined : Promise.all(this.#spreading);
  }

  async #launch(lane: number): Promise<Member> {
    const { storage, size, cacheSecret } = this.#parts;
    const { segment, oldest } = await storage.recover(lane);
    const member = new Member(lane, (failure) => this.#complain(lane, failure));
    storage.ledger.join(lane, segment, (released) => member.link.tell("release", { oldest: released }));
    const lessor = this.#office.join(lane, { recall: async (recalls) => returns.parse(await member.link.ask("recall", recalls)) });
    try {
      let known = this.#changes;
      const listen = this.#listen.map(({ host, port, msp }) => ({ host, port, ...(msp === undefined ? {} : { msp }) }));
      await member.start({ ...this.#config, listen, lane, segment, oldest, processes: size, cacheSecret }, this.#handlers(member, lessor));
      for (; known !== this.#changes;) {
        known = this.#changes;
        await member.link.ask("adopt", { text: this.#config.text });
      }
      this.#told.add(member);
      return member;
    } catch (failure) {
      member.kill();
      await member.ended;
      await this.#bury(member);
      throw failure;
    }
  }

  /** Safe to be asked again after a failure: what is done once stays done. */
  async #bury(member: Member): Promise<void> {
    const { storage, log } = this.#parts;
    const { lane } = member;
    this.#told.delete(member);
    const before = await storage.ledger.leave(lane);
    const { orphans, charged } = await storage.recover(lane);
    if (orphans.length > 0) log.logger.warn({ process: lane, holds: orphans.length }, "settled what a process left open");
    this.#office.left(lane, before === undefined ? undefined : [...before, ...charged]);
    this.#slots.left(member, new Set(orphans.flatMap(({ hold, mark }) => (mark === undefined ? [] : [hold.request]))));
    await this.#counts.left(member);
  }

  /** What a process may ask for. */
  #handlers(member: Member, lessor: Lessor): Handlers {
    const { lane } = member;
    const { ledger } = this.#parts.storage;
    return {
      lease: (body) => lessor.ask(wants.parse(body)),
      return: (body) => lessor.give(returns.parse(body)),
      slot: (body) => this.#slots.claim(member, wanted.parse(body)),
      slotEnd: (body) => {
        const { request, carriedOut } = slotEnd.parse(body);
        this.#slots.end(request, carriedOut);
      },
      usage: (body) => this.#usage(usageQuery.parse(body)),
      beat: (body) => {
        member.heard();
        ledger.written(lane, beat.parse(body));
      },
      leaving: () => member.leaves(),
    };
  }

  /** Everything that was settled anywhere before this call. @throws Fault ledger_unavailable when somebody who lives does not answer */
  async #usage(query: UsageQuery): Promise<readonly UsageRow[]> {
    const { ledger } = this.#parts.storage;
    await Promise.all(
      this.crew.members.map(async ({ lane, link }) => {
        const position = await link.ask("flush", null).catch((failure: unknown) => this.#unlessGone(lane, failure));
        if (position !== undefined) ledger.written(lane, beat.parse(position));
      }),
    );
    return ledger.usage(query);
  }

  #unlessGone(lane: number, failure: unknown): undefined {
    if (this.crew.members.some((member) => member.lane === lane && member.lives)) throw failure;
  }

  async #metrics(): Promise<string> {
    const { running } = this.#parts;
    const said = this.crew.members.map(async (member) => [member, await member.link.ask("metrics", null).catch(() => undefined)] as const);
    return this.#counts.page(await running.counted(), await Promise.all(said));
  }

  /** The same administration, and everybody learns of what it changes. */
  #spreads(directory: SharedStorage["directory"]): Facilities["admin"] {
    const changed = <T>(kind: "law" | "forget", result: T): T => {
      this.#spread(kind, null);
      return result;
    };
    return {
      createTenant: (input) => changed("law", directory.createTenant(input)),
      setTenantPolicy: (id, policy) => changed("law", directory.setTenantPolicy(id, policy)),
      createProject: (input) => changed("forget", directory.createProject(input)),
      createKey: (input) => changed("forget", directory.createKey(input)),
      revokeKey: (id) => changed("forget", directory.revokeKey(id)),
      setLimits: (of, id, limits) => changed("forget", directory.setLimits(of, id, limits)),
      listTenants: () => directory.listTenants(),
      listProjects: (tenant) => directory.listProjects(tenant),
      listKeys: (project) => directory.listKeys(project),
    };
  }

  /** Who does not take it is ended: it would serve by a law, or to a key, that is no more. */
  #spread(kind: "law" | "forget" | "adopt", body: unknown): void {
    this.#changes += 1;
    for (const member of this.#told) {
      const taken = member.link.ask(kind, body).catch((failure: unknown) => {
        if (!member.lives) return;
        this.#complain(member.lane, failure);
        member.kill();
      });
      this.#spreading.add(taken);
      void taken.then(() => this.#spreading.delete(taken));
    }
  }

  #complain(lane: number, failure: unknown): void {
    this.#parts.log.logger.error({ process: lane, detail: String(failure) }, "a process and its parent do not understand each other");
  }
}
