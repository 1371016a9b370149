/** A gateway as a process with its engines, its file and its data folder: asked, administered, killed and started again. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Engines, startEngines } from "./engines.ts";
import { ADMIN_KEY, estateYaml, KEYS, MODELS } from "./estate.ts";
import { GatewayProcess } from "./gateway-process.ts";
import { bearer, raw, type RawAnswer, request } from "./raw.ts";

export interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly key?: string;
  readonly body?: unknown;
}

export interface Administered {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export class Operated {
  readonly engines: Engines;
  readonly #folder = mkdtempSync(join(tmpdir(), "bailiwick-life-"));
  #process: GatewayProcess | undefined;

  private constructor(engines: Engines) {
    this.engines = engines;
  }

  static async start(): Promise<Operated> {
    const operated = new Operated(await startEngines());
    operated.write({});
    await operated.restart();
    return operated;
  }

  /** Starts it on the same file and data; the last one must have ended. */
  async restart(): Promise<void> {
    this.#process = await GatewayProcess.start(this.file, this.#folder);
  }

  get gateway(): GatewayProcess {
    if (this.#process === undefined) throw new TypeError("the gateway has not been started");
    return this.#process;
  }

  get file(): string {
    return join(this.#folder, "bailiwick.yaml");
  }

  get dataDir(): string {
    return join(this.#folder, "data");
  }

  /** The port that answers by the Host header. */
  get port(): number {
    return this.gateway.ports[0] ?? 0;
  }

  get adminUrl(): string {
    return `http://127.0.0.1:${this.gateway.ports.at(-1) ?? 0}`;
  }

  /** Writes the configuration anew. */
  write(more: { readonly tenantCountries?: string }): void {
    writeFileSync(this.file, estateYaml({ urls: this.engines.urls, dataDir: this.dataDir, logLevel: "info", ...more }));
  }

  ask({ method = "POST", path = "/v1/chat/completions", key = KEYS.alpine, body }: Sent): Promise<RawAnswer> {
    const headers = [bearer(key), "content-type: application/json"];
    const text = body === undefined ? {} : { body: JSON.stringify(body) };
    return raw({ port: this.port, pieces: [request({ method, path, headers, ...text })] });
  }

  chat(content: string, key: string = KEYS.alpine, model: string = MODELS.alpine.vllm): Promise<RawAnswer> {
    return this.ask({ key, body: { model, max_tokens: 20, messages: [{ role: "user", content }] } });
  }

  async admin(method: string, path: string, options: { readonly body?: unknown; readonly key?: string } = {}): Promise<Administered> {
    const { body, key = ADMIN_KEY } = options;
    const headers = { authorization: `Bearer ${key}`, connection: "close" };
    const response = await fetch(this.adminUrl + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    const text = await response.text();
    const isJson = response.headers.get("content-type")?.includes("json") === true;
    return { status: response.status, body: isJson ? JSON.parse(text) : { text } };
  }

  async stop(): Promise<void> {
    if (!this.gateway.ended) this.gateway.signal("SIGKILL");
    await this.gateway.exit();
    await this.engines.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
