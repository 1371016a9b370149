/** A Triton server on loopback that is none: language models over generate and generate_stream, embedding models over infer, and the repository. */
import { DEFAULT_PROFILE, EngineModel } from "./engine-model.ts";
import { type Faults, holdsStill, type Knobs } from "./faults.ts";
import { type Application, type Exchange, LoopbackServer, type Seen } from "./loopback-server.ts";
import { SeededRandom } from "./seeded.ts";
import { serveGenerate } from "./triton/generate.ts";
import { serveInfer } from "./triton/infer.ts";
import { config, metadata, SERVER } from "./triton/metadata.ts";
import type { SimulatedModel } from "./triton/models.ts";
import { KEEP_ALIVE_MS, type Triton, type TritonOptions, withDefaults } from "./triton/options.ts";
import { JSON_TYPE, send, sendEmpty, sendError, sendJson, TEXT_TYPE, TritonError } from "./triton/replies.ts";
import { Repository } from "./triton/repository.ts";

export type { ModelSpec } from "./triton/models.ts";
export type { TritonOptions } from "./triton/options.ts";

type Handler = (triton: Triton, exchange: Exchange, model: string) => void;

interface Route {
  readonly method: "GET" | "POST";
  readonly path: RegExp;
  readonly handle: Handler;
}

/** A model's path; its name is taken as it is on the wire, never percent-decoded. */
const MODEL = "^/v2/models/(?<model>[^/]+)(?:/versions/1)?";

const ROUTES: readonly Route[] = [
  { method: "GET", path: /^\/v2$/, handle: (_, exchange) => sendJson(exchange.answer, SERVER) },
  { method: "GET", path: /^\/v2\/health\/live$/, handle: (_, exchange) => sendEmpty(exchange.answer) },
  { method: "GET", path: /^\/v2\/health\/ready$/, handle: (triton, exchange) => ready(exchange, triton.repository.ready) },
  {
    method: "GET",
    path: /^\/v2\/models\/stats$/,
    handle: (triton, exchange) => sendJson(exchange.answer, triton.repository.stats(undefined)),
  },
  { method: "GET", path: model("/ready"), handle: (triton, exchange, name) => modelReady(triton, exchange, name) },
  { method: "GET", path: model("/stats"), handle: (triton, exchange, name) => sendJson(exchange.answer, triton.repository.stats(name)) },
  { method: "GET", path: model("/config"), handle: (triton, exchange, name) => described(triton, exchange, { name, of: config }) },
  { method: "GET", path: model(""), handle: (triton, exchange, name) => described(triton, exchange, { name, of: metadata }) },
  {
    method: "POST",
    path: model("/generate"),
    handle: (triton, exchange, name) => serveGenerate(triton, exchange, { model: name, framed: false }),
  },
  {
    method: "POST",
    path: model("/generate_stream"),
    handle: (triton, exchange, name) => serveGenerate(triton, exchange, { model: name, framed: true }),
  },
  { method: "POST", path: model("/infer"), handle: serveInfer },
  { method: "POST", path: /^\/v2\/repository\/index$/, handle: (triton, exchange) => index(triton, exchange) },
  {
    method: "POST",
    path: /^\/v2\/repository\/models\/(?<model>[^/]+)\/load$/,
    handle: (triton, exchange, name) => load(triton, exchange, name),
  },
  {
    method: "POST",
    path: /^\/v2\/repository\/models\/(?<model>[^/]+)\/unload$/,
    handle: (triton, exchange, name) => unload(triton, exchange, name),
  },
];

function model(rest: string): RegExp {
  return new RegExp(`${MODEL}${rest}$`);
}

export class TritonSimulator implements Application {
  readonly engine: EngineModel;
  readonly #triton: Triton;
  readonly #server: LoopbackServer;

  constructor(options: TritonOptions) {
    const full = withDefaults(options);
    const random = new SeededRandom(full.seed);
    this.engine = new EngineModel({ clock: full.clock, random, profile: { ...DEFAULT_PROFILE, ...options.profile } });
    const repository = new Repository(full.models, full.unloaded);
    this.#triton = { options: full, engine: this.engine, repository, knobs: () => this.faults.now };
    this.#server = new LoopbackServer({ clock: full.clock, application: this, keepAliveMs: KEEP_ALIVE_MS });
  }

  /** Listens on 127.0.0.1. @param port 0 takes a free one @returns the port */
  start(port = 0): Promise<number> {
    return this.#server.start(port);
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }

  /** "http://127.0.0.1:PORT" */
  get url(): string {
    return this.#server.origin;
  }

  get faults(): Faults {
    return this.#server.faults;
  }

  /** The latest requests, oldest first. */
  get seen(): readonly Seen[] {
    return this.#server.seen;
  }

  /** Requests, connections, and answers whose client left, so far. */
  get counts(): { readonly requests: number; readonly connections: number; readonly cancelled: number; readonly open: number } {
    const { requests, connections, cancelled, open } = this.#server;
    return { requests, connections, cancelled, open };
  }

  turned(knobs: Knobs): void {
    this.engine.rest(holdsStill(knobs));
  }

  handle(exchange: Exchange): void {
    try {
      dispatch(this.#triton, exchange);
    } catch (error) {
      if (!(error instanceof TritonError)) throw error;
      sendError(exchange.answer, error);
    }
  }
}

/** @throws TritonError */
function dispatch(triton: Triton, exchange: Exchange): void {
  const found = ROUTES.find(({ path }) => path.test(exchange.path));
  if (found === undefined) throw new TritonError(404, "Not Found", TEXT_TYPE);
  if (found.method !== exchange.method) {
    throw new TritonError(405, "Method Not Allowed", found.method === "POST" ? JSON_TYPE : TEXT_TYPE);
  }
  found.handle(triton, exchange, found.path.exec(exchange.path)?.groups?.["model"] ?? "");
}

/** Without a body either way. */
function ready(exchange: Exchange, is: boolean): void {
  send(exchange.answer, { status: is ? 200 : 400, type: TEXT_TYPE, text: "" });
}

function modelReady({ repository }: Triton, exchange: Exchange, name: string): void {
  if (!repository.isReady(name)) throw new TritonError(400, "Model version not ready", TEXT_TYPE);
  sendEmpty(exchange.answer);
}

function described(
  { repository }: Triton,
  exchange: Exchange,
  { name, of }: { readonly name: string; readonly of: (model: SimulatedModel) => unknown },
): void {
  sendJson(exchange.answer, of(repository.model(name)));
}

function index({ repository }: Triton, exchange: Exchange): void {
  sendJson(exchange.answer, repository.index(exchange.body.includes('"ready":true') || exchange.body.includes('"ready": true')));
}

function load({ repository }: Triton, exchange: Exchange, name: string): void {
  repository.load(name);
  sendEmpty(exchange.answer, JSON_TYPE);
}

function unload({ repository }: Triton, exchange: Exchange, name: string): void {
  repository.unload(name);
  sendEmpty(exchange.answer, JSON_TYPE);
}
