/** `bailiwick serve`: opens everything, listens, follows its configuration, and leaves in order on SIGTERM. */
import type { Server } from "node:http";
import { createApp } from "../../app.ts";
import { BOUNDS } from "../../bounds.ts";
import { createAdminApp } from "../../routes/admin/app.ts";
import type { MspId } from "../../domain/ids.ts";
import { buildEstate, InvalidConfiguration, type ConfigSource } from "./estate.ts";
import { listen, nodeEdge, type Address, type Patience, type Porter } from "./listen.ts";
import { openLog, type ProcessLog } from "./logger.ts";
import { Bodies } from "./bodies.ts";
import { nodeClock } from "./clock.ts";
import { Reload } from "./reload.ts";
import { openGateway } from "./open.ts";
import type { Running } from "./running.ts";

/** A gateway that listens. */
export interface Serving {
  readonly listening: readonly (Address & { readonly msp: MspId | undefined })[];
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
  const { servers, listening, admin } = await open(running, options.patience ?? BOUNDS);
  const unfollow = options.follow ? reload.follow() : () => undefined;
  return {
    listening,
    admin,
    running,
    reload: () => reload.now(),
    async stop() {
      unfollow();
      return leave(servers, running, log);
    },
  };
}

interface Opened {
  readonly servers: readonly Server[];
  readonly listening: Serving["listening"];
  readonly admin: Address;
}

async function open({ facilities }: Running, patience: Patience): Promise<Opened> {
  const { clock, random } = facilities.world;
  const porter: Porter = { patience, requestId: () => random.requestId(clock.nowMs()) };
  const estate = facilities.world.estate;
  const { settings, msps } = estate().declared;
  const trustedProxies = (): readonly string[] => estate().declared.settings.trustedProxies;
  const bodies = new Bodies();
  const servers: Server[] = [];
  const listening: Serving["listening"][number][] = [];
  for (const { host, port, msp } of settings.listen) {
    const bound = msp === undefined ? undefined : msps.get(msp)?.hosts[0];
    const { server, address } = await listen(
      createApp(facilities, nodeEdge({ host: bound, trustedProxies, bodies })),
      { host, port },
      porter,
    );
    servers.push(server);
    listening.push({ ...address, msp });
  }
  const keyHash = (): string | undefined => estate().declared.settings.admin.keyHash;
  const app = createAdminApp(facilities, nodeEdge({ host: undefined, trustedProxies: () => [], bodies }), keyHash);
  const admin = await listen(app, settings.admin, porter);
  servers.push(admin.server);
  return { servers, listening, admin: admin.address };
}

/** New requests get 503 at once, running ones finish; what is left after the bound is cut and settled as it stands. */
async function leave(servers: readonly Server[], running: Running, log: ProcessLog): Promise<boolean> {
  const { live } = running.facilities.world;
  running.drain();
  log.logger.info({ running: live.size }, "draining");
  let inTime = true;
  await Promise.race([live.empty(), after(BOUNDS.drainMsMax).then(() => void (inTime = false))]);
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
  // Requests that were cut settle once they have noticed, and a hold that waits for the disk before that: closing now would leave them open.
  await Promise.race([live.empty(), after(BOUNDS.cutSettleMsMax)]);
  await running.close();
  return inTime;
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => nodeClock.after(ms, resolve));
}
