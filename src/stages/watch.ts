/** Asks every backend how it is, again and again. Carries nothing that derives from a request. */
import { BOUNDS } from "../bounds.ts";
import type { Backend } from "../domain/fleet.ts";
import type { Ask, Clock, Stop } from "../ports.ts";
import type { World } from "../world.ts";

/** Opens the way to one backend's status routes. */
export type Probe = (backend: Backend) => Ask;

export class Watch {
  readonly #world: Pick<World, "estate" | "engines" | "fleet">;
  readonly #probe: Probe;
  readonly #asking = new Set<string>();

  constructor(world: Pick<World, "estate" | "engines" | "fleet">, probe: Probe) {
    this.#world = world;
    this.#probe = probe;
  }

  start(clock: Pick<Clock, "every">): Stop {
    this.round();
    return clock.every(BOUNDS.healthIntervalMs, () => this.round());
  }

  /** One probe to every backend that has answered its last one. */
  round(): void {
    for (const backend of this.#world.estate().declared.backends.values()) {
      if (!this.#asking.has(backend.id)) void this.ask(backend);
    }
  }

  /** Never rejects: a probe that fails is an answer. */
  async ask(backend: Backend): Promise<void> {
    const { engines, fleet } = this.#world;
    this.#asking.add(backend.id);
    try {
      fleet.probed(backend.id, await engines[backend.engine].probe(backend, this.#probe(backend)));
    } catch {
      fleet.probed(backend.id, undefined);
    } finally {
      this.#asking.delete(backend.id);
    }
  }
}
