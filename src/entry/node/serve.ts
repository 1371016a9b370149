/** `bailiwick serve`: opens everything, listens, follows its configuration, and leaves in order on SIGTERM. */
import { BOUNDS } from "../../bounds.ts";
import { nodeClock } from "./clock.ts";
import { Doors, leave, type Listening } from "./doors.ts";
import { buildEstate, InvalidConfiguration, type ConfigSource } from "./estate.ts";
import type { Address, Patience } from "./listen.ts";
import { openLog } from "./logger.ts";
import { Reload } from "./reload.ts";
import { openGateway } from "./open.ts";
import type { Running } from "./running.ts";

/** A gateway that listens. */
export interface Serving {
  readonly listening: readonly Listening[];
  readonly admin: Address;
  /** What runs inside: for those who embed it, and for tests. */
  readonly running: Running;
  /** Stops taking requests, lets those that run finish, within drainMsMax. True: nothing was cut off. */
  stop(): Promise<boolean>;
  reload(): boolean;
}

export interface ServeOptions {
  /** Take changes of the configuration file. */
  readonly follow: boolean;
  /** How long callers may take; default: the bounds. */
  readonly patience?: Patience;
}

/** @throws InvalidConfiguration; Error when a port is taken or the data folder cannot be opened */
export async function serve(source: ConfigSource, options: ServeOptions): Promise<Serving> {
  // The file alone is judged before anything is opened; what is in force, from epoch 1 on, has the directory's tenants beside it.
  const built = buildEstate(source, 0, nodeClock.nowMs());
  if (!built.ok) throw new InvalidConfiguration(built.problems);
  const log = openLog(built.estate.declared.settings.logLevel);
  const running = await openGateway(built.estate, log);
  const reload = new Reload(source, running, log);
  const doors = new Doors(running.facilities, options.patience ?? BOUNDS);
  const { settings } = running.facilities.world.estate().declared;
  const listening = await doors.openToCallers(settings.listen);
  const admin = await doors.openToOperators(settings.admin);
  const unfollow = options.follow ? reload.follow() : () => undefined;
  return {
    listening,
    admin,
    running,
    reload: () => reload.now(),
    async stop() {
      unfollow();
      return leave(doors, running, log);
    },
  };
}
