/** A whole gateway in this process over real sockets, between simulated engines and raw clients. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Patience } from "../../../src/entry/node/listen.ts";
import { serve, type Serving } from "../../../src/entry/node/serve.ts";
import { LocalGate } from "../../../src/gate/local.ts";
import { type Engines, startEngines } from "./engines.ts";
import { ADMIN_ENV, ADMIN_KEY, estateYaml } from "./estate.ts";
import { until } from "./until.ts";

export interface Stand {
  readonly engines: Engines;
  readonly serving: Serving;
  /** `hosts` goes by the Host header; the others answer for one reseller whatever it says. */
  readonly ports: { readonly hosts: number; readonly alpine: number; readonly bravo: number; readonly admin: number };
  readonly dataDir: string;
  /** Requests admitted and not settled, by the gate's own count. */
  holdsOpen(): number;
  /** Turns all faults back, and lets routing forget what it has seen of the engines. */
  heal(): void;
  stop(): Promise<void>;
}

export async function startStand(options: { readonly patience?: Patience } = {}): Promise<Stand> {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-edge-"));
  const dataDir = join(folder, "data");
  const engines = await startEngines();
  const yaml = estateYaml({ urls: engines.urls, dataDir });
  const serving = await serve({ file: "edge.yaml", text: () => yaml, env: { [ADMIN_ENV]: ADMIN_KEY } }, { follow: false, ...options });
  const [hosts = 0, alpine = 0, bravo = 0] = serving.listening.map(({ port }) => port);
  const { gate, fleet, estate } = serving.running.facilities.world;
  if (!(gate instanceof LocalGate)) throw new TypeError("the stand counts the holds of a local gate");
  await until("every engine has answered a probe", () => fleet.snapshot().every(({ up }) => up));
  return {
    engines,
    serving,
    ports: { hosts, alpine, bravo, admin: serving.admin.port },
    dataDir,
    holdsOpen: () => gate.holdsOpen,
    heal() {
      for (const engine of [engines.vllm, engines.triton, engines.embedding]) engine.faults.clear();
      fleet.reset([]);
      fleet.reset(estate().declared.backends.values());
    },
    async stop() {
      await serving.stop();
      await engines.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
