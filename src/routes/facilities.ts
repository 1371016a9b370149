/** What routes are given: the world of the stages, and what only routes need. */
import type { DirectoryAdmin, Ledger } from "../ports.ts";
import type { World } from "../world.ts";

export interface Facilities {
  readonly world: World;
  readonly ledger: Ledger;
  readonly admin: DirectoryAdmin;
  /** Prometheus text exposition. */
  metrics(): Promise<string>;
  /** Whether requests can be served: storage open, configuration loaded, not draining. */
  ready(): boolean;
}
