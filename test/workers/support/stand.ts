/** A whole gateway in workerd between simulated engines and callers. */
import { randomUUID } from "node:crypto";
import OpenAI from "openai";
import { publication } from "../../../scripts/worker-configuration.ts";
import { type Engines, startEngines } from "../../edge/support/engines.ts";
import { ADMIN_ENV, ADMIN_KEY, estateYaml, HOSTS, KEYS, SERVED } from "../../edge/support/estate.ts";
import { buildWorker, type Bundle } from "../../../scripts/worker-bundle.ts";
import { startWorkerd, type Workerd } from "./workerd.ts";

export interface WorkerStand {
  readonly engines: Engines;
  readonly workerd: Workerd;
  readonly url: string;
  client(options?: Partial<NonNullable<ConstructorParameters<typeof OpenAI>[0]>>): OpenAI;
  /** Puts another configuration in force; isolates take it up within moments. */
  publish(change?: (yaml: string) => string): Promise<void>;
  /** Rows of the shared table, of some keys, oldest first; everything that has been settled is among them. */
  settlements(...keys: readonly string[]): Promise<readonly Settled[]>;
  stop(): Promise<void>;
}

export interface Settled {
  readonly request: string;
  readonly outcome: string;
  readonly status: number;
  readonly sequence: number;
  readonly completionTokens: number;
  readonly held: number;
  readonly amount: number;
}

export const MSPS = ["msp-alpine", "msp-bravo"] as const;

/** @param before runs before a configuration is published */
export async function startWorkerStand(before: (workerd: Workerd) => Promise<void> = async () => undefined): Promise<WorkerStand> {
  const bundle = buildWorker();
  const engines = await startEngines();
  const workerd = await startWorkerd(bundle, { [ADMIN_ENV]: ADMIN_KEY });
  await before(workerd);
  const stand = standOver({ bundle, engines, workerd });
  await stand.publish();
  return stand;
}

function standOver({ bundle, engines, workerd }: { bundle: Bundle; engines: Engines; workerd: Workerd }): WorkerStand {
  const url = `http://127.0.0.1:${workerd.port}`;
  const yaml = forWorkers(estateYaml({ urls: engines.urls, dataDir: "data", logLevel: "info" }), workerd.port);
  return {
    engines,
    workerd,
    url,
    client: (options = {}) => new OpenAI({ baseURL: `${url}/v1`, apiKey: KEYS.alpine, maxRetries: 0, ...options }),
    publish: async (change = (text) => text) => {
      const text = `${change(yaml)}\n# ${randomUUID()}\n`;
      const { sql } = publication({ file: "workers.yaml", readFile: (path) => only(path, text), nowMs: Date.now() });
      await workerd.execute(sql);
    },
    settlements: (...keys) => settlementsOf(workerd, keys),
    stop: async () => {
      await workerd.stop();
      await engines.stop();
      bundle.remove();
    },
  };
}

/** On Workers a Triton model's kind is declared. A client library sends the address that it connects to as host name: the first reseller's is the number, the second's the name. */
function forWorkers(yaml: string, port: number): string {
  return yaml
    .replace(`served_name: ${SERVED.triton}`, `served_name: ${SERVED.triton}\n        triton: { kind: vllm }`)
    .replace(`hosts: [${HOSTS.alpine}]`, `hosts: [${HOSTS.alpine}, "127.0.0.1:${port}"]`)
    .replace(`hosts: [${HOSTS.bravo}]`, `hosts: [${HOSTS.bravo}, "localhost:${port}"]`);
}

function only(path: string, text: string): string {
  if (path !== "workers.yaml") throw new Error(`there is no ${path}`);
  return text;
}

async function settlementsOf({ bindings: { GATE, LEDGER } }: Workerd, keys: readonly string[]): Promise<readonly Settled[]> {
  for (const msp of MSPS) await GATE.get(GATE.idFromName(msp)).handOver();
  const columns = "request, outcome, status, sequence, completion_tokens, held, amount";
  const rows = await LEDGER.prepare(`select ${columns} from settlement where "key" in (select value from json_each(?)) order by position`)
    .bind(JSON.stringify(keys))
    .raw();
  return rows.map(([request, outcome, status, sequence, completionTokens, held, amount]) => ({
    request: String(request),
    outcome: String(outcome),
    status: Number(status),
    sequence: Number(sequence),
    completionTokens: Number(completionTokens),
    held: Number(held),
    amount: Number(amount),
  }));
}
