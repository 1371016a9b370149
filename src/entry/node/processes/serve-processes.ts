/** `bailiwick serve --processes N`: one gateway on one address, made of several processes and the parent that holds them together. */
import { createServer } from "node:net";
import { BOUNDS } from "../../../bounds.ts";
import type { Settings } from "../../../domain/estate.ts";
import { Fault } from "../../../faults.ts";
import { recover } from "../../../gate/recover.ts";
import { openShared } from "../../../storage/shared-storage.ts";
import type { Estate, World } from "../../../world.ts";
import { nodeClock, pause } from "../clock.ts";
import { Doors, type Listening } from "../doors.ts";
import { buildEstate, InvalidConfiguration, type ConfigSource } from "../estate.ts";
import { declare, EstateInForce } from "../in-force.ts";
import type { Address } from "../listen.ts";
import { openLog, type ProcessLog } from "../logger.ts";
import { NodeRandom } from "../random.ts";
import { Reload } from "../reload.ts";
import { Running } from "../running.ts";
import type { Serving } from "../serve.ts";
import { Parent, type Config } from "./parent.ts";
import { patientEdge } from "./patient-edge.ts";

/** @throws InvalidConfiguration; Error when a port is taken, the data folder cannot be opened, or a process cannot begin */
export async function serveProcesses(source: ConfigSource, size: number): Promise<Omit<Serving, "running">> {
  const text = source.text();
  const built = buildEstate({ ...source, text: () => text }, 0, nodeClock.nowMs());
  if (!built.ok) throw new InvalidConfiguration(built.problems);
  const { settings } = built.estate.declared;
  const log = openLog(settings.logLevel, true);
  const { parent, running } = await openParent(built.estate, { size, log, config: { file: source.file, text } });
  const doors = new Doors(parent.facilities(), BOUNDS);
  const close = async (): Promise<void> => {
    doors.close();
    await running.close();
  };
  let admin: Address;
  let listening: readonly Listening[];
  try {
    admin = await doors.openToOperators(settings.admin, (edge) => patientEdge(edge, () => parent.spread()));
    listening = await freeAddresses(settings.listen);
    await parent.begin(listening);
  } catch (failure) {
    await close();
    throw failure;
  }
  const reload = reloadOf(source, parent, log);
  const unfollow = reload.follow();
  return {
    listening,
    admin,
    reload: () => reload.now(),
    async stop() {
      unfollow();
      running.drain();
      return parent.crew.stop().finally(close);
    },
  };
}

interface Opening {
  readonly size: number;
  readonly log: ProcessLog;
  readonly config: Config;
}

async function openParent(first: Estate, { size, log, config }: Opening): Promise<{ readonly parent: Parent; readonly running: Running }> {
  const random = new NodeRandom();
  const law = new EstateInForce(first, nodeClock);
  const { dataDir: dir, fsync } = first.declared.settings;
  const storage = await openShared({
    dir,
    clock: nodeClock,
    random,
    law,
    fsync,
    log: (level, message, fields) => log.logger[level](fields, message),
    settle: (orphans, journal) => recover(orphans, journal, nodeClock.nowMs()),
    pause,
  });
  try {
    declare(first.declared, storage.directory, law);
    const shown = { directory: storage.directory, ledger: { usage: nobodyHere }, close: () => storage.close() };
    const running = new Running({ storage: shown, gate: NO_GATE, random, law, log, serves: false });
    return { parent: new Parent({ size, storage, running, log, config, cacheSecret: random.secret() }), running };
  } catch (failure) {
    await storage.close();
    throw failure;
  }
}

/** What is read is not what runs until it has been taken. */
function reloadOf(source: ConfigSource, parent: Parent, log: ProcessLog): Reload {
  let text = "";
  const reading: ConfigSource = { ...source, text: () => (text = source.text()) };
  return new Reload(reading, { adopt: (declared) => parent.adopt(declared, text) }, log);
}

/** The addresses with ports in the place of 0. @throws Error when somebody else listens: the processes themselves would share with him unasked */
async function freeAddresses(addresses: Settings["listen"]): Promise<readonly Listening[]> {
  const free: Listening[] = [];
  for (const { host, port, msp } of addresses) free.push({ host, port: await freePort({ host, port }), msp });
  return free;
}

function freePort({ host, port }: Address): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen({ host, port }, () => {
      const bound = server.address();
      server.close(() => resolve(typeof bound === "object" && bound !== null ? bound.port : port));
    });
  });
}

function nobodyHere(): Promise<never> {
  return Promise.reject(new Fault("ledger_unavailable", { detail: "the parent serves no callers" }));
}

const NO_GATE: World["gate"] = { open: nobodyHere, checkpoint: () => undefined, settle: () => "already" };
