/** A gateway before one simulated engine that speaks Responses, the same engine as a backend that is said to speak chat alone, and a reranker. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import { nodeClock } from "../../../src/entry/node/clock.ts";
import { serve } from "../../../src/entry/node/serve.ts";
import { LocalGate } from "../../../src/gate/local.ts";
import { VllmSimulator } from "../../../src/simulator/vllm.ts";
import { until } from "./until.ts";

export const KEY = "sk-doors-0123456789abcdefghijklmnopqr";
/** Its law allows only the country where this gateway stands and no engine does, for chat alone. */
export const LAWLESS_KEY = "sk-doors-lawless-0123456789abcdefghij";
export const DOORS = { native: "north/straight", translated: "north/translated", rerank: "north/rerank" } as const;
export const SERVED = { chat: "weights-of-doors", rerank: "weights-of-pairs" } as const;

export interface Doors {
  readonly port: number;
  readonly engine: VllmSimulator;
  readonly reranker: VllmSimulator;
  client(options?: { readonly maxRetries?: number }): OpenAI;
  post(path: string, body: unknown, more?: { readonly key?: string; readonly headers?: Record<string, string> }): Promise<Response>;
  holdsOpen(): number;
  /** Settlements so far, summed as the usage page has them. */
  usage(): Promise<{ readonly input: number; readonly output: number; readonly requests: number }>;
  heal(): void;
  stop(): Promise<void>;
}

const QUICK = { prefillMsPerToken: 0, decodeMsPerToken: 1 };

export async function startDoors(): Promise<Doors> {
  const folder = mkdtempSync(join(tmpdir(), "doors-"));
  const engine = new VllmSimulator({ clock: nodeClock, models: [SERVED.chat], profile: QUICK });
  const reranker = new VllmSimulator({
    clock: nodeClock,
    models: [SERVED.rerank],
    runner: "pooling",
    profile: QUICK,
    dimensions: 16,
    contextTokensMax: 512,
  });
  await Promise.all([engine.start(), reranker.start()]);
  const yaml = configuration({ engine: engine.url, reranker: reranker.url, dataDir: join(folder, "data") });
  const serving = await serve({ file: "doors.yaml", text: () => yaml, env: {} }, { follow: false });
  const { gate, fleet, estate } = serving.running.facilities.world;
  if (!(gate instanceof LocalGate)) throw new TypeError("holds are counted at a local gate");
  await until("every engine has answered a probe", () => fleet.snapshot().every(({ up }) => up));
  const port = serving.listening[0]?.port ?? 0;
  const base = `http://127.0.0.1:${port}`;
  return {
    port,
    engine,
    reranker,
    client: ({ maxRetries = 0 } = {}) => new OpenAI({ baseURL: `${base}/v1`, apiKey: KEY, maxRetries }),
    post: (path, body, { key = KEY, headers = {} } = {}) =>
      fetch(base + path, {
        method: "POST",
        headers: { "content-type": "application/json", authorization: `Bearer ${key}`, ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    holdsOpen: () => gate.holdsOpen,
    usage: () => usageOf(base),
    heal() {
      engine.faults.clear();
      reranker.faults.clear();
      fleet.reset([]);
      fleet.reset(estate().declared.backends.values());
    },
    async stop() {
      await serving.stop();
      await Promise.all([engine.stop(), reranker.stop()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function usageOf(base: string): Promise<{ input: number; output: number; requests: number }> {
  const start = Math.floor(Date.now() / 1000) - 3_600;
  const answer = await fetch(`${base}/v1/organization/usage/completions?start_time=${start}&bucket_width=1d`, {
    headers: { authorization: `Bearer ${KEY}` },
  });
  const page: { data: { results: { input_tokens: number; output_tokens: number; num_model_requests: number }[] }[] } = JSON.parse(
    await answer.text(),
  );
  const rows = page.data.flatMap(({ results }) => results);
  const sum = (of: (row: (typeof rows)[number]) => number): number => rows.reduce((total, row) => total + of(row), 0);
  return { input: sum((row) => row.input_tokens), output: sum((row) => row.output_tokens), requests: sum((row) => row.num_model_requests) };
}

function configuration({
  engine,
  reranker,
  dataDir,
}: {
  readonly engine: string;
  readonly reranker: string;
  readonly dataDir: string;
}): string {
  const hash = (key: string): string => `sha256:${createHash("sha256").update(key).digest("hex")}`;
  const inside = (id: string): string => `policy: [{ id: ${id}, require: { backend.location.country: { in: [DE, FR] } } }]`;
  return `server:
  listen: [{ address: "127.0.0.1:0", msp: north }]
  admin: { address: "127.0.0.1:0" }
  data_dir: ${JSON.stringify(dataDir)}
  log_level: silent
uses: { sets: "2026-11-22.1", certs: "2026-11-22.1" }
${inside("PLATFORM")}
self: { site: office }
operators:
  yard-op: { country: DE, parents: [DE], ${inside("OPERATOR")} }
sites: { yard: { operator: yard-op, country: DE }, office: { operator: yard-op, country: FR } }
models:
  straight: { context_tokens_max: 32768 }
  translated: { context_tokens_max: 32768 }
  pairs: { context_tokens_max: 512, capabilities: [rerank] }
backends:
  rack-1: { site: yard, engine: vllm, base_url: "${engine}", models: { straight: ${SERVED.chat} } }
  rack-2: { site: yard, engine: vllm, responses: chat, base_url: "${engine}", models: { translated: ${SERVED.chat} } }
  rack-3: { site: yard, engine: vllm, base_url: "${reranker}", models: { pairs: ${SERVED.rerank} } }
msps:
  north:
    hosts: [north.test]
    brand: { name: North, diagnostics: true }
    price_book: { version: "1", currency: EUR }
    aliases:
      ${DOORS.native}: { model: straight, owned_by: north, price: { input: "1", output: "2" } }
      ${DOORS.translated}: { model: translated, owned_by: north, price: { input: "1", output: "2" } }
      ${DOORS.rerank}: { model: pairs, owned_by: north, price: { input: "1", output: "0" } }
    ${inside("RESELLER")}
tenants:
  tenant-a: { msp: north, name: A, default_class: public, ${inside("TENANT")} }
  tenant-l:
    msp: north
    name: L
    default_class: public
    policy:
      - { id: NO-CHAT, when: { request.endpoint: { in: [chat] } }, require: { backend.location.country: { in: [FR] } } }
      - { id: REST, require: { backend.location.country: { in: [DE, FR] } } }
projects:
  project-a: { tenant: tenant-a }
  project-l: { tenant: tenant-l }
keys:
  key-a: { hash: "${hash(KEY)}", project: project-a }
  key-l: { hash: "${hash(LAWLESS_KEY)}", project: project-l }
`;
}
