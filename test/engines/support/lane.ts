/** The gateway as an operator runs it, before the real engines: a process with a file and a folder of its own. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ADMIN_KEY } from "../../edge/support/estate.ts";
import { GatewayProcess } from "../../edge/support/gateway-process.ts";
import { type SettlementRow, settlements } from "../../edge/support/settlements.ts";
import { until } from "../../edge/support/until.ts";
import { estateYaml, KEYS } from "./estate.ts";

export type Answer = Awaited<ReturnType<typeof post>>;

const UP_MS_MAX = 20_000;
const SETTLED_MS_MAX = 5_000;

export class Lane {
  readonly gateway: GatewayProcess;
  readonly #folder: string;

  private constructor(folder: string, gateway: GatewayProcess) {
    this.#folder = folder;
    this.gateway = gateway;
  }

  /** Resolves when every backend has answered a probe. */
  static async start(): Promise<Lane> {
    const folder = mkdtempSync(join(tmpdir(), "bailiwick-engines-"));
    const file = join(folder, "bailiwick.yaml");
    writeFileSync(file, estateYaml(join(folder, "data")));
    const lane = new Lane(folder, await GatewayProcess.start(file, folder));
    await until("every backend is up", async () => !(await lane.metrics()).match(/gateway_backend_up\{[^}]*\} 0/), UP_MS_MAX);
    return lane;
  }

  /** Without /v1. */
  get url(): string {
    return `http://127.0.0.1:${this.gateway.ports[0] ?? 0}`;
  }

  ask(path: string, body: unknown, key: string = KEYS.main): Promise<Answer> {
    return post(this.url + path, body, { authorization: `Bearer ${key}` });
  }

  async metrics(): Promise<string> {
    const url = `http://127.0.0.1:${this.gateway.ports.at(-1) ?? 0}/metrics`;
    const response = await fetch(url, { headers: { authorization: `Bearer ${ADMIN_KEY}`, connection: "close" } });
    return response.text();
  }

  /** Whether routing counts a backend as up. */
  async isUp(backend: string): Promise<boolean> {
    return (await this.metrics()).includes(`gateway_backend_up{backend="${backend}"} 1`);
  }

  /** Ledger row of a request, once it is on the disk. */
  async settled(request: string | null): Promise<SettlementRow> {
    let row: SettlementRow | undefined;
    const found = async (): Promise<boolean> => {
      // Asking for usage folds what the journal has.
      await fetch(`${this.url}/v1/organization/costs?start_time=1790000000`, { headers: { authorization: `Bearer ${KEYS.main}` } });
      row = settlements(join(this.#folder, "data")).find((one) => one.request === request);
      return row !== undefined;
    };
    await until(`request ${request} is settled`, found, SETTLED_MS_MAX);
    if (row === undefined) throw new Error("unreachable");
    return row;
  }

  async stop(): Promise<void> {
    if (!this.gateway.ended) this.gateway.signal("SIGTERM");
    await this.gateway.exit(40_000);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** An answer from the gateway, or from an engine itself. `json` is whatever it says; the tests look. */
export async function post(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = response.headers.get("content-type")?.startsWith("application/json") === true;
  return { status: response.status, headers: response.headers, text, json: isJson && text !== "" ? JSON.parse(text) : undefined };
}

/** The frames of a stream that was read to its end, without the last `[DONE]`. @throws Error when it has none */
export function framesOf({ text }: Answer) {
  const frames = text.split("\n\n").filter((frame) => frame !== "");
  if (frames.pop() !== "data: [DONE]") throw new Error(`no [DONE] at the end of ${text.slice(-300)}`);
  return frames.map((frame) => JSON.parse(frame.replace(/^data: /, "")));
}
