/** One isolate's gateway: what requests share, made when the first one comes, since nothing may be asked for while a Worker loads. */
import { waitUntil } from "cloudflare:workers";
import type { Context, Hono } from "hono";
import { createApp, type Edge } from "../../app.ts";
import { BOUNDS } from "../../bounds.ts";
import { Fault } from "../../faults.ts";
import { asFault } from "../../gateway.ts";
import type { Ledger } from "../../ports.ts";
import { refuse } from "../../routes/handler.ts";
import { Fleet } from "../../routing/fleet.ts";
import { secretOf } from "../../stages/authenticate.ts";
import { StoredConfiguration } from "../../storage/d1/configuration.ts";
import { D1Directory } from "../../storage/d1/directory.ts";
import { D1Ledger } from "../../storage/d1/settlements.ts";
import { WebArrival } from "./arrival.ts";
import { environmentOf, type Bindings } from "./bindings.ts";
import { IsolateBodies } from "./bodies.ts";
import { workerClock } from "./clock.ts";
import { workerHash } from "./hash.ts";
import { EstateInForce } from "./in-force.ts";
import { say } from "./log.ts";
import { WorkerRandom } from "./random.ts";
import { deskIn, worldOf } from "./world.ts";

interface Within {
  readonly arrival: WebArrival;
}

/** Hono is told that the answer has gone: it went through the exit while the handler ran. */
const GONE = new Response(null);

const EDGE: Edge = {
  path: ({ arrival }: Within) => arrival.path,
  arrive: (context: Context<{ Bindings: Within }>) => context.env.arrival,
  leave: () => GONE,
};

export class Cell {
  readonly #bindings: Bindings;
  readonly #random = new WorkerRandom();
  readonly #bodies = new IsolateBodies(workerClock);
  readonly #fleet = new Fleet(workerClock);
  readonly #stored: StoredConfiguration;
  readonly #directory: D1Directory;
  readonly #law: EstateInForce;
  #app: Hono | undefined;

  constructor(bindings: Bindings) {
    this.#bindings = bindings;
    this.#stored = new StoredConfiguration(bindings.LEDGER, (text) => workerHash.sha256(text));
    this.#directory = new D1Directory(bindings.LEDGER, workerClock);
    this.#law = new EstateInForce({
      stored: this.#stored,
      directory: this.#directory,
      clock: workerClock,
      environment: environmentOf(bindings),
      say,
      onChange: ({ declared }) => this.#fleet.reset(declared.backends.values()),
    });
  }

  async answer(request: Request): Promise<Response> {
    const arrival = new WebArrival(request, this.#bodies);
    let app: Hono;
    try {
      app = await this.#ready(arrival);
    } catch (thrown) {
      return this.#unready(arrival, asFault(thrown));
    }
    // Goes on until it is settled, whether or not its caller is still there.
    waitUntil(Promise.resolve(app.fetch(request, { arrival })));
    return arrival.exit.answer;
  }

  /** What the straight line asks for at once is fetched here: the newest law, and who the caller is. @throws Fault ledger_unavailable */
  async #ready(arrival: WebArrival): Promise<Hono> {
    if (request431(arrival)) throw new Fault("headers_too_large", { text: "The request URL is too long." });
    await this.#law.refresh();
    await this.#fetchKey(arrival);
    return (this.#app ??= this.#open(await this.#stored.cacheSalt(this.#random.secret())));
  }

  async #fetchKey(arrival: WebArrival): Promise<void> {
    let hash: string;
    try {
      hash = workerHash.sha256(secretOf(arrival));
    } catch {
      // No key, or no readable one: the stage says so.
      return;
    }
    try {
      await this.#directory.fetch(hash);
    } catch (cause) {
      throw new Fault("ledger_unavailable", { cause, detail: String(cause) });
    }
  }

  #open(cacheSalt: string): Hono {
    const law = this.#law;
    const world = worldOf({
      bindings: this.#bindings,
      directory: this.#directory,
      random: this.#random,
      cacheSalt,
      fleet: this.#fleet,
      estate: () => law.estate,
    });
    const facilities = {
      world,
      ledger: this.#ledger(),
      // On Workers nothing is administered over HTTP: no route leads to these two.
      get admin(): never {
        throw new Error("there is no administration on Workers");
      },
      metrics: () => Promise.reject(new Error("there are no metrics on Workers")),
      ready: () => true,
    };
    return createApp(facilities, EDGE);
  }

  #ledger(): Ledger {
    return new D1Ledger(this.#bindings.LEDGER, async (tenant) => {
      const msp = this.#law.estate.declared.tenants.get(tenant)?.msp;
      if (msp !== undefined) await deskIn(this.#bindings, msp).handOver();
    });
  }

  /** Alive, but nobody is served: no configuration, or no way to know the newest one. */
  #unready({ path, exit }: WebArrival, fault: Fault): Promise<Response> {
    if (path === "/healthz" || path === "/readyz") {
      const alive = path === "/healthz";
      exit.head(alive ? 200 : 503, ["content-type", "text/plain; charset=utf-8", "cache-control", "no-store"]);
      exit.end(Buffer.from(alive ? "ok\n" : "not ready\n"));
    } else {
      say("error", "a request could not be served", { fault: fault.fault, detail: fault.detail ?? "" });
      refuse(exit, fault, this.#random.requestId(workerClock.nowMs()));
    }
    return exit.answer;
  }
}

function request431({ path }: WebArrival): boolean {
  return path.length > BOUNDS.urlBytesMax;
}
