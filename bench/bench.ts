/** What the scenarios of one run share: the tools, the built gateway, and one set of peers that stays warm from scenario to scenario. */
import { install, type Installed } from "./gateway.ts";
import type { Options } from "./options.ts";
import { type Peers, startPeers } from "./peers.ts";
import type { Spread } from "./statistics.ts";
import { type Missing, prepareTools, type Tools } from "./tools.ts";
import type { FigureKey } from "./limits.ts";

/** One scenario: a name for the command line, and what it measures. */
export interface Scenario {
  readonly name: string;
  /** @throws NotRun; Error when a check before or after the measurement fails */
  run(bench: Bench): Promise<Outcome>;
}

/** A figure as it was measured; its unit and its limit stand in limits.ts. */
export interface Measured {
  readonly key: FigureKey;
  readonly value: number;
  /** How it was measured and how disturbed the machine was, in one sentence. */
  readonly how: string;
}

/** What a scenario says to machines (figures) and to readers (the table). */
export interface Outcome {
  readonly title: string;
  readonly figures: readonly Measured[];
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  readonly remarks: readonly string[];
}

export interface Row {
  readonly name: string;
  /** null: does not apply to this row. */
  readonly cells: readonly (Spread | null)[];
}

/** A part of the machine is missing; no fault of the gateway. */
export class NotRun extends Error {
  readonly missing: Missing;

  constructor(missing: Missing) {
    super(`${missing.part}: ${missing.why}`);
    this.missing = missing;
  }
}

export interface BenchSetting {
  readonly options: Options;
  /** How long a process must do nothing to count as idle, milliseconds: longer than the gateway waits before it folds its journal. */
  readonly idleMs: number;
  readonly note: (text: string) => void;
}

/** The gateway folds its journal every 500 ms: shorter, and that work would not be counted. */
export const IDLE_MS = 600;

export class Bench {
  readonly options: Options;
  readonly idleMs: number;
  readonly note: (text: string) => void;
  #tools: Tools | Missing | undefined;
  #installed: Installed | undefined;
  #peers: Promise<Peers> | undefined;

  constructor({ options, idleMs, note }: BenchSetting) {
    this.options = options;
    this.idleMs = idleMs;
    this.note = note;
  }

  /** @throws NotRun */
  get tools(): Tools {
    const tools = (this.#tools ??= prepareTools());
    if ("part" in tools) throw new NotRun(tools);
    return tools;
  }

  get installed(): Installed {
    return (this.#installed ??= install());
  }

  /** The shared peers, started when first asked for. @throws NotRun */
  async peers(): Promise<Peers> {
    return (this.#peers ??= startPeers(this.tools, this.installed));
  }

  /** Peers with nothing behind them, for whoever measures memory; the caller stops them. @throws NotRun */
  async freshPeers(): Promise<Peers> {
    return startPeers(this.tools, this.installed);
  }

  async close(): Promise<void> {
    const peers = await this.#peers?.catch(() => undefined);
    await peers?.stop();
  }
}
