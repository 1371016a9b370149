/** The ports of one process: where callers are answered, where operators are, and how all of them are closed again. */
import type { Server } from "node:http";
import { createApp, type Edge } from "../../app.ts";
import { BOUNDS } from "../../bounds.ts";
import type { Settings } from "../../domain/estate.ts";
import type { MspId } from "../../domain/ids.ts";
import { createAdminApp } from "../../routes/admin/app.ts";
import type { Facilities } from "../../routes/facilities.ts";
import { Bodies } from "./bodies.ts";
import { Callers } from "./callers.ts";
import { nodeClock } from "./clock.ts";
import { listen, nodeEdge, type Address, type Patience, type Porter } from "./listen.ts";
import type { ProcessLog } from "./logger.ts";
import type { Running } from "./running.ts";

/** Where callers are answered, and for whom alone; undefined: by the Host header. */
export interface Listening extends Address {
  readonly msp: MspId | undefined;
}

export class Doors {
  readonly servers: Server[] = [];
  readonly #facilities: Facilities;
  readonly #porter: Porter;
  readonly #bodies = new Bodies();

  /** @param shared other processes listen on the same ports */
  constructor(facilities: Facilities, patience: Patience, shared = false) {
    const { clock, random, estate } = facilities.world;
    this.#facilities = facilities;
    this.#porter = {
      patience,
      shared,
      callers: new Callers(clock, { ...BOUNDS, ...patience }),
      trustedProxies: () => estate().declared.settings.trustedProxies,
      requestId: () => random.requestId(clock.nowMs()),
    };
  }

  /** @throws Error when a port is taken */
  async openToCallers(addresses: Settings["listen"]): Promise<readonly Listening[]> {
    const listening: Listening[] = [];
    for (const { host, port, msp } of addresses) {
      const edge = nodeEdge({ msp, trustedProxies: () => this.#porter.trustedProxies(), bodies: this.#bodies });
      const { server, address } = await listen(createApp(this.#facilities, edge), { host, port }, this.#porter);
      this.servers.push(server);
      listening.push({ ...address, msp });
    }
    return listening;
  }

  /** @param wrap what an answer waits for. @throws Error when the port is taken */
  async openToOperators(address: Address, wrap: (edge: Edge) => Edge = (edge) => edge): Promise<Address> {
    const { estate } = this.#facilities.world;
    const edge = wrap(nodeEdge({ msp: undefined, trustedProxies: () => [], bodies: this.#bodies }));
    const app = createAdminApp(this.#facilities, edge, () => estate().declared.settings.admin.keyHash);
    const opened = await listen(app, address, this.#porter);
    this.servers.push(opened.server);
    return opened.address;
  }

  /** No new connections; those that are idle are closed, for whoever uses them next would meet somebody who leaves. */
  closeToNewcomers(): void {
    for (const server of this.servers) {
      server.close();
      server.closeIdleConnections();
    }
  }

  close(): void {
    for (const server of this.servers) {
      server.close();
      server.closeAllConnections();
    }
  }
}

/** New requests get 503 at once, running ones finish; what is left after the bound is cut and settled as it stands. True: nothing was cut. */
export async function leave(doors: Doors, running: Running, log: ProcessLog): Promise<boolean> {
  const { live } = running.facilities.world;
  running.drain();
  log.logger.info({ running: live.size }, "draining");
  let inTime = true;
  await Promise.race([live.empty(), after(BOUNDS.drainMsMax).then(() => void (inTime = false))]);
  doors.close();
  // Requests that were cut settle once they have noticed, and a hold that waits for the disk before that: closing now would leave them open.
  await Promise.race([live.empty(), after(BOUNDS.cutSettleMsMax)]);
  await running.close();
  return inTime;
}

function after(ms: number): Promise<void> {
  return new Promise((resolve) => nodeClock.after(ms, resolve));
}
