/** A vLLM server on loopback that is none: its wire contract, an engine model behind it, and its faults at hand. */
import { DEFAULT_PROFILE, EngineModel } from "./engine-model.ts";
import { type Faults, holdsStill, type Knobs } from "./faults.ts";
import { type Application, type Exchange, LoopbackServer, type Seen } from "./loopback-server.ts";
import { hashText, SeededRandom } from "./seeded.ts";
import { serveChat } from "./vllm/chat.ts";
import { serveCompletion } from "./vllm/completions.ts";
import { serveEmbeddings } from "./vllm/embeddings.ts";
import { serveRerank, serveScore } from "./vllm/pairs.ts";
import { serveResponse } from "./vllm/responses.ts";
import { VllmMetrics } from "./vllm/metrics.ts";
import { type Vllm, VLLM_VERSION, type VllmOptions, withDefaults } from "./vllm/options.ts";
import { METHOD_NOT_ALLOWED, NOT_FOUND, Refusal, UNAUTHORIZED, UNREADABLE } from "./vllm/refusal.ts";
import { seconds, sendJson, sendText } from "./vllm/replies.ts";
import { serveDetokenize, serveTokenize } from "./vllm/tokenize.ts";

export type { VllmOptions } from "./vllm/options.ts";

type Handler = (simulator: VllmSimulator, vllm: Vllm, exchange: Exchange) => void;

interface Route {
  readonly method: "GET" | "POST" | "GET, POST";
  /** Undefined: every server has it. */
  readonly runner?: "generate" | "pooling";
  readonly handle: Handler;
}

const empty: Handler = (_, vllm, exchange) => sendText(vllm, exchange, { status: 200, type: undefined, text: "" });
const value = (of: (simulator: VllmSimulator, vllm: Vllm) => unknown): Handler => {
  return (simulator, vllm, exchange) => sendJson(vllm, exchange, { status: 200, value: of(simulator, vllm) });
};

const pooling = (path: string, serve: (vllm: Vllm, exchange: Exchange) => void): [string, Route] => {
  return [path, { method: "POST", runner: "pooling", handle: (_, vllm, exchange) => serve(vllm, exchange) }];
};

const ROUTES: ReadonlyMap<string, Route> = new Map<string, Route>([
  ["/health", { method: "GET", handle: empty }],
  ["/ping", { method: "GET, POST", handle: empty }],
  ["/version", { method: "GET", handle: value(() => ({ version: VLLM_VERSION })) }],
  ["/load", { method: "GET", handle: value((simulator) => ({ server_load: simulator.engine.running + simulator.engine.waiting })) }],
  [
    "/v1/models",
    { method: "GET", handle: value((_, vllm) => ({ object: "list", data: vllm.options.models.map((id) => model(vllm, id)) })) },
  ],
  ["/metrics", { method: "GET", handle: (_, vllm, exchange) => metrics(vllm, exchange) }],
  ["/is_sleeping", { method: "GET", handle: value((simulator) => ({ is_sleeping: simulator.engine.paused })) }],
  ["/sleep", { method: "POST", handle: (simulator, vllm, exchange) => sleep(simulator, vllm, exchange) }],
  ["/wake_up", { method: "POST", handle: (simulator, vllm, exchange) => wake(simulator, vllm, exchange) }],
  ["/tokenize", { method: "POST", handle: (_, vllm, exchange) => serveTokenize(vllm, exchange) }],
  ["/detokenize", { method: "POST", handle: (_, vllm, exchange) => serveDetokenize(vllm, exchange) }],
  ["/v1/chat/completions", { method: "POST", runner: "generate", handle: (_, vllm, exchange) => serveChat(vllm, exchange) }],
  ["/v1/completions", { method: "POST", runner: "generate", handle: (_, vllm, exchange) => serveCompletion(vllm, exchange) }],
  ["/v1/responses", { method: "POST", runner: "generate", handle: (_, vllm, exchange) => serveResponse(vllm, exchange) }],
  ["/v1/embeddings", { method: "POST", runner: "pooling", handle: (_, vllm, exchange) => serveEmbeddings(vllm, exchange) }],
  ...["/rerank", "/v1/rerank", "/v2/rerank"].map((path) => pooling(path, serveRerank)),
  ...["/score", "/v1/score"].map((path) => pooling(path, serveScore)),
]);

export class VllmSimulator implements Application {
  readonly engine: EngineModel;
  readonly #vllm: Vllm;
  readonly #server: LoopbackServer;

  constructor(options: VllmOptions) {
    const full = withDefaults(options);
    const random = new SeededRandom(full.seed);
    this.engine = new EngineModel({ clock: full.clock, random, profile: { ...DEFAULT_PROFILE, ...options.profile } });
    this.#vllm = {
      options: full,
      engine: this.engine,
      metrics: new VllmMetrics(full.clock, full.models[0]),
      // Ids have a generator of their own, so that asking for one more does not change what the engine does next.
      random: new SeededRandom(hashText("ids", full.seed)),
      fingerprint: `vllm-${VLLM_VERSION}-${hashText(full.models[0], full.seed).toString(16).padStart(8, "0")}`,
      knobs: () => this.faults.now,
    };
    this.#server = new LoopbackServer({ clock: full.clock, application: this, keepAliveMs: full.keepAliveMs });
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
    const vllm = this.#vllm;
    try {
      const refusal = gate(vllm, exchange);
      if (refusal !== undefined) throw refusal;
      route(vllm, exchange)?.handle(this, vllm, exchange);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      sendJson(vllm, exchange, { status: error.status, value: error.body });
    }
  }
}

/** The key check, before anything is known of the path; only /v1 is behind it. */
function gate(vllm: Vllm, exchange: Exchange): Refusal | undefined {
  const { apiKey } = vllm.options;
  if (apiKey !== undefined && exchange.path.startsWith("/v1") && exchange.header("authorization") !== `Bearer ${apiKey}`) {
    return new Refusal(401, UNAUTHORIZED);
  }
  return exchange.header("content-encoding") === undefined ? undefined : new Refusal(400, UNREADABLE);
}

/** @throws Refusal; answers by itself, with undefined, where only a head is to be said */
function route(vllm: Vllm, exchange: Exchange): Route | undefined {
  const found = ROUTES.get(exchange.path);
  if (found === undefined || (found.runner !== undefined && found.runner !== vllm.options.runner)) {
    const bare = exchange.path.replace(/\/+$/, "");
    if (bare === exchange.path || !ROUTES.has(bare)) throw new Refusal(404, NOT_FOUND);
    const location = `http://${exchange.header("host") ?? ""}${bare}`;
    sendText(vllm, exchange, { status: 307, type: undefined, text: "", more: ["location", location] });
    return undefined;
  }
  if (found.method.split(", ").includes(exchange.method)) return found;
  const text = JSON.stringify(METHOD_NOT_ALLOWED);
  sendText(vllm, exchange, { status: 405, type: "application/json", text, more: ["allow", found.method] });
  return undefined;
}

/** `created` is now, every time; the path of the weights shows, as on a real one. */
function model(vllm: Vllm, id: string): unknown {
  const created = seconds(vllm);
  const permission = {
    id: `modelperm-${vllm.random.hex(16)}`,
    object: "model_permission",
    created,
    allow_create_engine: false,
    allow_sampling: true,
    allow_logprobs: true,
    allow_search_indices: false,
    allow_view: true,
    allow_fine_tuning: false,
    organization: "*",
    group: null,
    is_blocking: false,
  };
  const max_model_len = vllm.options.contextTokensMax;
  return { id, object: "model", created, owned_by: "vllm", root: `models/${id}`, parent: null, max_model_len, permission: [permission] };
}

function metrics(vllm: Vllm, exchange: Exchange): void {
  const type = "text/plain; version=1.0.0; charset=utf-8";
  sendText(vllm, exchange, { status: 200, type, text: vllm.metrics.text(vllm.engine) });
}

/** The route of vLLM's development mode. */
function sleep(simulator: VllmSimulator, vllm: Vllm, exchange: Exchange): void {
  simulator.faults.set({ ...simulator.faults.now, sleeping: true });
  sendJson(vllm, exchange, { status: 200, value: { status: "sleeping", level: Number(exchange.query.get("level") ?? "1") } });
}

function wake(simulator: VllmSimulator, vllm: Vllm, exchange: Exchange): void {
  simulator.faults.set({ ...simulator.faults.now, sleeping: false });
  sendJson(vllm, exchange, { status: 200, value: { status: "awake", tags: null } });
}
