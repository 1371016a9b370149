/** A gateway between two engines in one country and a collector in another, for tests of what leaves the cell about its requests. */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nodeClock } from "../../../src/entry/node/clock.ts";
import { serve, type Serving } from "../../../src/entry/node/serve.ts";
import { VllmSimulator } from "../../../src/simulator/vllm.ts";
import { until } from "./until.ts";

/** `open` lets its requests be seen where the collector stands, `closed` only where the engines do. */
export const KEYS = { open: "sk-otel-open-0123456789abcdefghijklmno", closed: "sk-otel-closed-0123456789abcdefghijklm" } as const;
export const ALIAS = "north/chat";
export const SERVED = "weights-of-otel";
export const COLLECTOR_SECRET = "Basic c2VjcmV0LW9mLXRoZS1jb2xsZWN0b3I=";

export interface EstateText {
  readonly engines: readonly string[];
  readonly dataDir: string;
  /** The section `telemetry`, or nothing. */
  readonly telemetry: string;
}

export interface Ask {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly stream?: boolean;
  readonly say?: string;
  readonly model?: string;
}

export class Exported {
  readonly engines: readonly VllmSimulator[];
  readonly serving: Serving;
  readonly #folder: string;
  readonly #text: { telemetry: string };

  private constructor(engines: readonly VllmSimulator[], serving: Serving, folder: string, text: { telemetry: string }) {
    this.engines = engines;
    this.serving = serving;
    this.#folder = folder;
    this.#text = text;
  }

  static async start(telemetry: string): Promise<Exported> {
    const folder = mkdtempSync(join(tmpdir(), "exported-"));
    const profile = { prefillMsPerToken: 0, decodeMsPerToken: 1 };
    const engines = [1, 2].map(() => new VllmSimulator({ clock: nodeClock, models: [SERVED], profile }));
    await Promise.all(engines.map((engine) => engine.start()));
    const text = { telemetry };
    const yaml = (): string => estateText({ engines: engines.map(({ url }) => url), dataDir: join(folder, "data"), ...text });
    const serving = await serve({ file: "otel.yaml", text: yaml, env: { COLLECTOR_AUTH: COLLECTOR_SECRET } }, { follow: false });
    const { fleet } = serving.running.facilities.world;
    await until("every engine has answered a probe", () => fleet.snapshot().every(({ up }) => up));
    return new Exported(engines, serving, folder, text);
  }

  get base(): string {
    return `http://127.0.0.1:${this.serving.listening[0]?.port ?? 0}`;
  }

  /** Takes another section `telemetry`, as after a change of the file. */
  reload(telemetry: string): boolean {
    this.#text.telemetry = telemetry;
    return this.serving.reload();
  }

  /** One chat, read to its end. */
  async chat({ key = KEYS.open, headers = {}, stream = false, say = "hello", model = ALIAS }: Ask = {}): Promise<Response> {
    const answer = await fetch(`${this.base}/v1/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${key}`, ...headers },
      body: JSON.stringify({ model, stream, max_tokens: 6, messages: [{ role: "user", content: say }] }),
    });
    await answer.text();
    return answer;
  }

  /** A value on the cell's own page of metrics. */
  async counted(series: string): Promise<number> {
    const page = await (await fetch(`http://127.0.0.1:${this.serving.admin.port}/metrics`)).text();
    const line = page.split("\n").find((each) => each.startsWith(`${series} `));
    return Number(line?.slice(series.length + 1));
  }

  async stop(): Promise<void> {
    await this.serving.stop();
    await Promise.all(this.engines.map((engine) => engine.stop()));
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The section for a collector at a site. */
export function toCollector(
  endpoint: string,
  { site = "site: abroad", more = "" }: { readonly site?: string; readonly more?: string } = {},
): string {
  return `telemetry:
  otlp:
    endpoint: "${endpoint}"
    headers: { authorization: { env: COLLECTOR_AUTH } }
    ${site}
    metrics: { interval_ms: 1000 }
    ${more}
`;
}

function estateText({ engines, dataDir, telemetry }: EstateText): string {
  const hash = (key: string): string => `sha256:${createHash("sha256").update(key).digest("hex")}`;
  const inside = (id: string): string => `policy: [{ id: ${id}, require: { backend.location.country: { in: [DE, FR] } } }]`;
  const backends = engines.map((url, at) => `  rack-${at}: { engine: vllm, site: yard, base_url: "${url}", models: { inner: ${SERVED} } }`);
  return `server:
  listen: [{ address: "127.0.0.1:0", msp: north }]
  admin: { address: "127.0.0.1:0" }
  data_dir: ${JSON.stringify(dataDir)}
  log_level: silent
uses: { sets: "2026-11-22.1", certs: "2026-11-22.1" }
${inside("PLATFORM")}
self: { site: yard }
operators:
  yard-op: { country: FR, parents: [FR], ${inside("OPERATOR")} }
sites: { yard: { operator: yard-op, country: FR }, abroad: { operator: yard-op, country: DE } }
models:
  inner: { context_tokens_max: 32768 }
backends:
${backends.join("\n")}
msps:
  north:
    hosts: [north.test]
    price_book: { version: "1", currency: EUR }
    aliases: { ${ALIAS}: { model: inner, price: { input: "1", output: "2" } } }
    ${inside("RESELLER")}
tenants:
  tenant-open: { name: Open, default_class: public, ${inside("TENANT")} }
  tenant-closed: { name: Closed, default_class: public, policy: [{ id: HOME, require: { backend.location.country: { in: [FR] } } }] }
projects: { project-open: { tenant: tenant-open }, project-closed: { tenant: tenant-closed } }
keys:
  key-open: { project: project-open, hash: "${hash(KEYS.open)}" }
  key-closed: { project: project-closed, hash: "${hash(KEYS.closed)}" }
${telemetry}`;
}
