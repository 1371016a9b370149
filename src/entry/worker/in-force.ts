/** The estate in force in one isolate, never older than D1's by more than a moment: revocation and law take effect everywhere within seconds. */
import { BOUNDS } from "../../bounds.ts";
import { Fault } from "../../faults.ts";
import type { Clock } from "../../ports.ts";
import type { D1Directory } from "../../storage/d1/directory.ts";
import type { StoredConfiguration } from "../../storage/d1/configuration.ts";
import type { Estate } from "../../world.ts";
import { estateOf } from "./estate.ts";
import type { Say } from "./log.ts";

export interface InForceParts {
  readonly stored: Pick<StoredConfiguration, "version" | "read">;
  readonly directory: Pick<D1Directory, "reload" | "inBothHomes">;
  readonly clock: Pick<Clock, "nowMs" | "monotonicMs">;
  readonly environment: Readonly<Record<string, string>>;
  readonly say: Say;
  /** Told of each estate that comes into force. */
  readonly onChange: (estate: Estate) => void;
}

export class EstateInForce {
  readonly #parts: InForceParts;
  #estate: Estate | undefined;
  #version: string | undefined;
  /** Not law, and said to be so. */
  #refused: string | undefined;
  /** Monotonic. When what is in force was asked for that is known to be in force; when somebody last set out to ask. */
  #knownMs = Number.NEGATIVE_INFINITY;
  #askingMs = Number.NEGATIVE_INFINITY;

  constructor(parts: InForceParts) {
    this.#parts = parts;
  }

  /** @throws Fault ledger_unavailable while there is none */
  get estate(): Estate {
    if (this.#estate === undefined) throw new Fault("ledger_unavailable", { detail: "no configuration is in force" });
    return this.#estate;
  }

  /**
   * Resolves when what is in force is what was published a moment ago. No request waits for another's question: one that is cut off
   * would leave all others waiting. @throws Fault ledger_unavailable
   */
  async refresh(): Promise<void> {
    const nowMs = this.#parts.clock.monotonicMs();
    if (!this.#isDue(nowMs)) return;
    this.#askingMs = nowMs;
    try {
      const version = await this.#parts.stored.version();
      if (version === undefined) throw new Fault("ledger_unavailable", { detail: "no configuration has been published" });
      if (version !== this.#version && version !== this.#refused) await this.#adopt(version, nowMs);
      // With nothing in force there is nothing to go on with.
      if (this.#estate !== undefined) this.#knownMs = Math.max(this.#knownMs, nowMs);
    } catch (cause) {
      throw cause instanceof Fault ? cause : new Fault("ledger_unavailable", { cause, detail: String(cause) });
    }
  }

  /** While one request asks, others go on with what is not twice as old as it may be. */
  #isDue(nowMs: number): boolean {
    if (this.#estate === undefined) return true;
    const ageMs = nowMs - this.#knownMs;
    if (ageMs < BOUNDS.keyCacheMsMax) return false;
    return ageMs >= BOUNDS.keyCacheMsMax * 2 || nowMs - this.#askingMs >= BOUNDS.keyCacheMsMax;
  }

  async #adopt(version: string, askedMs: number): Promise<void> {
    const { stored, directory, clock, environment, say } = this.#parts;
    const built = estateOf(await stored.read(version), environment, clock.nowMs());
    const problems = built.ok ? await directory.inBothHomes(built.estate.declared) : built.problems;
    // Somebody who asked later has been faster, and knows better.
    if (askedMs < this.#knownMs) return;
    if (!built.ok || problems.length > 0) {
      this.#refused = version;
      for (const problem of problems) say("error", "the published configuration is refused, the one before stays in force", { problem });
      return;
    }
    directory.reload(built.estate.declared);
    this.#estate = built.estate;
    this.#version = version;
    this.#refused = undefined;
    this.#parts.onChange(built.estate);
  }
}
