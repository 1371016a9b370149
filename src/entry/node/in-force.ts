/** The estate in force, and the one place where another takes its place: each with the next epoch, whether a file or the API brought it. */
import type { Declared } from "../../domain/estate.ts";
import { CLASSES } from "../../policies/vocabulary/ladders.ts";
import type { Clock, Draft, Kept, Lawmaker } from "../../ports.ts";
import type { Estate } from "../../world.ts";
import type { SqliteDirectory } from "../../storage/directory.ts";
import { compileEstate, InvalidConfiguration } from "./estate.ts";

export class EstateInForce implements Lawmaker {
  readonly #clock: Pick<Clock, "nowMs">;
  #estate: Estate;

  constructor(first: Estate, clock: Pick<Clock, "nowMs">) {
    this.#estate = first;
    this.#clock = clock;
  }

  get estate(): Estate {
    return this.#estate;
  }

  knowsClass(name: string): boolean {
    return CLASSES.includes(name);
  }

  draft(kept: Kept): Draft {
    return this.redeclare(this.#estate.declared, kept);
  }

  /** The same with other declarations, as after a change of the file. */
  redeclare(declared: Declared, kept: Kept): Draft {
    const at = { epoch: this.#estate.bundle.epoch + 1, nowMs: this.#clock.nowMs() };
    const built = compileEstate(declared, kept, at);
    if (!built.ok) return built;
    return { ok: true, enact: () => void (this.#estate = built.estate) };
  }
}

/**
 * What the files declare, with what the directory has, becomes the estate in force, or nothing changes.
 * @throws InvalidConfiguration; Error naming every id that is in both homes
 */
export function declare(declared: Declared, directory: Pick<SqliteDirectory, "kept" | "reload">, law: EstateInForce): void {
  const draft = law.redeclare(declared, directory.kept(declared));
  if (!draft.ok) throw new InvalidConfiguration(draft.problems);
  directory.reload(declared);
  draft.enact();
}
