/** A whole gateway in this process between scripted servers: one backend for each case, one that is always well, and one that the law forbids. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve, type Serving } from "../../../src/entry/node/serve.ts";
import { LocalGate } from "../../../src/gate/local.ts";
import type { Fleet } from "../../../src/routing/fleet.ts";
import { until } from "../../edge/support/until.ts";
import { good } from "./answers.ts";
import { Scripted, type Turn } from "./scripted.ts";

export const KEY = "sk-faults-0123456789abcdefghijklmnop";
export const HOST = "faults.test";
/** What every engine answers to. */
export const SERVED = "served";

/** Chance is switched off: the heaviest backend is tried first. */
const IN_ORDER = "routing: { picker: best, weights: { queue: 0, in_flight: 0, kv_use: 0, latency: 0, weight: 1 } }";

export interface Deadlines {
  readonly firstByteMs: number;
  readonly betweenBytesMs: number;
  readonly totalMs: number;
}

/** Long enough for a busy machine, short enough for a suite. */
export const SHORT: Deadlines = { firstByteMs: 1_500, betweenBytesMs: 1_500, totalMs: 4_000 };

export interface Place {
  /** Of the model, and the name under which it is sold. */
  readonly model: string;
  /** Where its first choice answers; several: in this order. */
  readonly urls: readonly string[];
  /** The backend that is well may take over. */
  readonly spare: boolean;
  readonly concurrency?: number;
}

export interface FaultyFleetOptions {
  readonly places: readonly Place[];
  readonly deadlines?: Deadlines;
  /** Default: the first of a place's URLs is tried first, and the spare backend last. */
  readonly routing?: string;
}

export class FaultyFleet {
  readonly spare: Scripted;
  /** Serves every model, and no tenant may use it. */
  readonly forbidden: Scripted;
  readonly dataDir: string;
  readonly #folder: string;
  #serving: Serving | undefined;

  private constructor(folder: string, spare: Scripted, forbidden: Scripted) {
    this.#folder = folder;
    this.dataDir = join(folder, "data");
    this.spare = spare;
    this.forbidden = forbidden;
  }

  static async start({ places, deadlines = SHORT, routing = IN_ORDER }: FaultyFleetOptions): Promise<FaultyFleet> {
    const answering = (turn: Turn): void => turn.write(good(turn.body));
    const [spare, forbidden] = await Promise.all([Scripted.start(answering), Scripted.start(answering)]);
    const fleet = new FaultyFleet(mkdtempSync(join(tmpdir(), "bailiwick-faults-")), spare, forbidden);
    const yaml = estate({ places, deadlines, routing, dataDir: fleet.dataDir, spareUrl: spare.url, forbiddenUrl: forbidden.url });
    fleet.#serving = await serve({ file: "faults.yaml", text: () => yaml, env: {} }, { follow: false });
    await until("every backend has been probed", () => forbidden.probes.length > 0 && spare.probes.length > 0);
    return fleet;
  }

  get #running(): Serving {
    if (this.#serving === undefined) throw new TypeError("the fleet has not been started");
    return this.#serving;
  }

  get port(): number {
    return this.#running.listening[0]?.port ?? 0;
  }

  /** What routing knows. */
  get routing(): Fleet {
    return this.#running.running.facilities.world.fleet;
  }

  /** Requests admitted and not settled, by the gate's own count. */
  get holdsOpen(): number {
    const { gate } = this.#running.running.facilities.world;
    if (!(gate instanceof LocalGate)) throw new TypeError("this fleet counts the holds of a local gate");
    return gate.holdsOpen;
  }

  /** What the forbidden backend has seen beside health probes, and connections that no probe explains. */
  get trespasses(): readonly string[] {
    const { turns, probes, connections } = this.forbidden;
    const odd = probes.filter((line) => !/^GET \/(health|metrics|v1\/models) /.test(line));
    const unexplained = connections > probes.length ? [`${String(connections)} connections for ${String(probes.length)} probes`] : [];
    return [...turns.map(({ head }) => head), ...odd, ...unexplained];
  }

  /** Ends the gateway, which folds its whole journal; its data folder stays until remove(). */
  async stop(): Promise<void> {
    const serving = this.#serving;
    this.#serving = undefined;
    await serving?.stop();
    await Promise.all([this.spare.close(), this.forbidden.close()]);
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

export interface EstateParts {
  readonly places: readonly Place[];
  readonly deadlines: Deadlines;
  readonly routing?: string;
  readonly dataDir: string;
  readonly spareUrl: string;
  readonly forbiddenUrl: string;
}

const HEAVIEST = 1_000;

export function estate({ places, deadlines, routing = IN_ORDER, dataDir, spareUrl, forbiddenUrl }: EstateParts): string {
  const { firstByteMs, betweenBytesMs, totalMs } = deadlines;
  const all = places.map(({ model }) => `${model}: ${SERVED}`);
  const spared = places.filter(({ spare }) => spare).map(({ model }) => `${model}: ${SERVED}`);
  const hash = createHash("sha256").update(KEY).digest("hex");
  const firsts = places.flatMap(({ model, urls, concurrency = 256 }) =>
    urls.map((url, at) => backend({ id: `bad-${at}-${model}`, url, models: [`${model}: ${SERVED}`], weight: HEAVIEST - at, concurrency })),
  );
  return `server:
  listen: ["127.0.0.1:0"]
  admin: { address: "127.0.0.1:0" }
  data_dir: ${JSON.stringify(dataDir)}
  log_level: silent
  deadlines: { first_byte_ms: ${firstByteMs}, between_bytes_ms: ${betweenBytesMs}, total_ms: ${totalMs} }
self: { site: home }
${routing}
policy: [{ id: RULE-PLATFORM, require: { backend.location.country: { in: ["@ALL_ASSIGNED"] } } }]
operators: { op: { country: DE, parents: [DE], ${ANYWHERE} } }
sites: { home: { operator: op, country: DE }, abroad: { operator: op, country: US } }
models: { none: { context_tokens_max: 4096 }, ${places.map(({ model }) => `${model}: { context_tokens_max: 4096 }`).join(", ")} }
backends:
${firsts.join("\n")}
${backend({ id: "spare", url: spareUrl, models: ["none: served", ...spared], weight: 1 })}
${backend({ id: "forbidden", url: forbiddenUrl, models: ["none: served", ...all], weight: HEAVIEST * 2, site: "abroad" })}
msps:
  msp:
    hosts: [${HOST}]
    price_book: { version: "1", currency: EUR }
    ${ANYWHERE}
    aliases: { none: { model: none, price: ${PRICE} }, ${places.map(({ model }) => `${model}: { model: ${model}, price: ${PRICE} }`).join(", ")} }
tenants: { tenant: { default_class: public, policy: [{ id: RULE-TENANT, require: { backend.location.country: { in: [DE] } } }] } }
projects: { project: {} }
keys: { key: { hash: "sha256:${hash}" } }
`;
}

const ANYWHERE = 'policy: [{ id: RULE-ANYWHERE, require: { backend.location.country: { in: ["@ALL_ASSIGNED"] } } }]';
const PRICE = '{ input: "1", output: "2" }';

interface BackendParts {
  readonly id: string;
  readonly url: string;
  readonly models: readonly string[];
  readonly weight: number;
  readonly site?: string;
  readonly concurrency?: number;
}

function backend({ id, url, models, weight, site = "home", concurrency = 256 }: BackendParts): string {
  return `  ${id}: { site: ${site}, engine: vllm, base_url: "${url}", weight: ${weight}, concurrency: ${concurrency}, models: { ${models.join(", ")} } }`;
}
