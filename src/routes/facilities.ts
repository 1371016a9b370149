/** What routes are given: the world of the stages, and what only routes need. */
import type { DirectoryAdmin, Ledger } from "../ports.ts";
import type { World } from "../world.ts";

/** Throttles at the door, per address: approximate on purpose, never about money. */
export interface Door {
  /** Counts a request with a key that is none. False: too many of late. */
  failed(address: string): Promise<boolean>;
  /** Counts a request without any key. False: too many of late. */
  keyless(address: string): Promise<boolean>;
}

export interface Facilities {
  readonly world: World;
  readonly ledger: Ledger;
  readonly admin: DirectoryAdmin;
  readonly door: Door;
  /** Prometheus text exposition. */
  metrics(): Promise<string>;
  /** Whether requests can be served: storage open, configuration loaded, not draining. */
  ready(): boolean;
}
