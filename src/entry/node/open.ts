/** Opens a gateway over its data folder: storage opened and mended, orphans settled, the gate standing on what was spent and granted. */
import { LocalGate } from "../../gate/local.ts";
import { recover } from "../../gate/recover.ts";
import { openStorage, type StorageOptions } from "../../storage/recover.ts";
import { closeLanes } from "../../storage/shared-storage.ts";
import type { Estate } from "../../world.ts";
import { nodeClock, pause } from "./clock.ts";
import { declare, EstateInForce } from "./in-force.ts";
import type { ProcessLog } from "./logger.ts";
import { NodeRandom } from "./random.ts";
import { Running } from "./running.ts";

/** @param first what the file says alone. @throws InvalidConfiguration when what is in the database is no law beside it */
export async function openGateway(first: Estate, log: ProcessLog): Promise<Running> {
  const { dataDir: dir, fsync } = first.declared.settings;
  const random = new NodeRandom();
  const law = new EstateInForce(first, nodeClock);
  const say = log.logger;
  const options: StorageOptions = {
    dir,
    clock: nodeClock,
    random,
    law,
    fsync,
    log: (level, message, fields) => say[level](fields, message),
  };
  await closeLanes({ ...options, settle: (orphans, journal) => recover(orphans, journal, nodeClock.nowMs()), pause });
  const storage = await openStorage(options);
  try {
    declare(first.declared, storage.directory, law);
    const recovered = await recover(storage.orphans, storage.journal, nodeClock.nowMs());
    if (storage.orphans.length > 0) say.warn({ holds: storage.orphans.length }, "settled what the last process left open");
    const gate = new LocalGate(storage.journal, nodeClock, [...storage.spent, ...recovered]);
    gate.resume(storage.granted);
    const running = new Running({ storage, gate, random, law, log });
    await running.exports;
    return running;
  } catch (failure) {
    await storage.close();
    throw failure;
  }
}
