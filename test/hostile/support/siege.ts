/** The real gateway as a process of its own, with little patience, between scripted engines and callers that send bytes. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { ADMIN_KEY } from "../../edge/support/estate.ts";
import { GatewayProcess } from "../../edge/support/gateway-process.ts";
import { bearer, errorOf, raw, type RawAnswer, type RawRequest, request } from "../../edge/support/raw.ts";
import { until } from "../../edge/support/until.ts";
import { sayHi, ScriptedEngine } from "./engine.ts";
import { ENGINE_SECRET, estateYaml, HOSTS, KEYS, SECRET_FILE, SERVED } from "./estate.ts";

const ENTRY = join(import.meta.dirname, "impatient.ts");

export interface Terms {
  readonly headersReadMsMax: number;
  readonly bodyReadMsMax: number;
  readonly callerStallMsMax: number;
  readonly connectionsPerAddressMax: number;
}

const TERMS: Terms = { headersReadMsMax: 500, bodyReadMsMax: 1_000, callerStallMsMax: 20_000, connectionsPerAddressMax: 10_000 };

const TRUSTED_AFTER = 4;
const TRUST_MS_MAX = 15_000;

export const JSON_TYPE = "content-type: application/json";

export interface ChatParts {
  readonly say?: string;
  readonly model?: string;
  readonly key?: string;
  readonly host?: string;
  readonly headers?: readonly string[];
  readonly more?: Readonly<Record<string, unknown>>;
}

export function chat({
  say = "hi",
  model = "chat",
  key = KEYS.alpha,
  host = HOSTS.alpha,
  headers = [],
  more = {},
}: ChatParts = {}): RawRequest {
  const body = JSON.stringify({ model, max_tokens: 9, messages: [{ role: "user", content: say }], ...more });
  return { method: "POST", path: "/v1/chat/completions", host, headers: [bearer(key), JSON_TYPE, ...headers], body };
}

export class Siege {
  readonly home = new ScriptedEngine(SERVED);
  readonly away = new ScriptedEngine(SERVED);
  readonly lapsed = new ScriptedEngine(SERVED);
  readonly folder = mkdtempSync(join(tmpdir(), "bailiwick-siege-"));
  #gateway: GatewayProcess | undefined;

  static async lay(options: { readonly terms?: Partial<Terms>; readonly trustedProxies?: readonly string[] } = {}): Promise<Siege> {
    const siege = new Siege();
    const [home, away, lapsed] = await Promise.all([siege.home, siege.away, siege.lapsed].map((engine) => engine.start()));
    const urls = { home: home ?? "", away: away ?? "", lapsed: lapsed ?? "" };
    const { trustedProxies = [] } = options;
    writeFileSync(siege.file, estateYaml({ urls, dataDir: siege.dataDir, trustedProxies }));
    writeFileSync(join(siege.folder, SECRET_FILE), ENGINE_SECRET);
    writeFileSync(join(siege.folder, "patience.json"), JSON.stringify({ ...TERMS, ...options.terms }));
    await siege.restart();
    return siege;
  }

  /** Starts the gateway on its file and data; the last one must have ended. */
  async restart(): Promise<void> {
    this.#gateway = await GatewayProcess.start(this.file, this.folder, ENTRY);
    await until("the engines have answered a probe", async () => /gateway_backend_up\{backend="rack-home"\} 1/.test(await this.metrics()));
  }

  get gateway(): GatewayProcess {
    if (this.#gateway === undefined) throw new TypeError("no gateway has been started");
    return this.#gateway;
  }

  get file(): string {
    return join(this.folder, "bailiwick.yaml");
  }

  get dataDir(): string {
    return join(this.folder, "data");
  }

  /** Answers by the Host header. */
  get port(): number {
    return this.gateway.ports[0] ?? 0;
  }

  /** Answers for the MSP that has no hosts. */
  get boundPort(): number {
    return this.gateway.ports[1] ?? 0;
  }

  get adminPort(): number {
    return this.gateway.ports[2] ?? 0;
  }

  /** Bytes as they stand, over one connection; resolves when the gateway closes it. */
  send(bytes: string | Buffer): Promise<RawAnswer> {
    return raw({ port: this.port, pieces: [typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes] });
  }

  ask(sent: RawRequest, from?: string): Promise<RawAnswer> {
    const whole = { method: "GET", path: "/v1/models", host: HOSTS.alpha, headers: [bearer(KEYS.alpha)], ...sent };
    return raw({ port: this.port, pieces: [request(whole)], ...(from === undefined ? {} : { from }) });
  }

  async says(sent: RawRequest, expected: Readonly<Record<string, unknown>>): Promise<RawAnswer> {
    const answer = await this.ask(sent);
    expect({ status: answer.status, ...errorOf(answer) }).toMatchObject(expected);
    return answer;
  }

  async metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.adminPort}/metrics`)).text();
  }

  /** Requests admitted and not settled, as the gateway says it. */
  async holdsOpen(): Promise<number> {
    return Number(/^gateway_requests_in_flight (\d+)/m.exec(await this.metrics())?.[1] ?? NaN);
  }

  async admin(
    method: string,
    path: string,
    body?: unknown,
    key: string = ADMIN_KEY,
  ): Promise<{ readonly status: number; readonly text: string }> {
    const headers = { authorization: `Bearer ${key}` };
    const init = body === undefined ? { method, headers } : { method, headers, body: JSON.stringify(body) };
    const response = await fetch(`http://127.0.0.1:${this.adminPort}${path}`, init);
    return { status: response.status, text: await response.text() };
  }

  /** The engines answer as they should again. */
  heal(): void {
    for (const engine of [this.home, this.away, this.lapsed]) engine.script = sayHi;
  }

  /** They answer well, and routing has seen enough of it to trust them again. */
  async recover(): Promise<void> {
    this.heal();
    for (let served = 0; served < TRUSTED_AFTER; served += 1)
      await until("the engine is trusted again", async () => (await this.ask(chat())).status === 200, TRUST_MS_MAX);
  }

  async lift(): Promise<void> {
    if (!this.gateway.ended) this.gateway.signal("SIGKILL");
    await this.gateway.exit();
    await Promise.all([this.home, this.away, this.lapsed].map((engine) => engine.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }
}
