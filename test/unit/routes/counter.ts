/** The callers' side of the gateway over a small lawful world, asked without a socket. */
import { createApp } from "../../../src/app.ts";
import type { Door, UsageQuery } from "../../../src/ports.ts";
import { bench, SECRET, type Bench, type Setting } from "../stages/fixture.ts";
import { paperEdge } from "./paper.ts";

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** {}: not JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Question {
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Counter extends Bench {
  ask(method: string, path: string, question?: Question): Promise<Reply>;
  readonly queries: UsageQuery[];
  readonly failedAt: string[];
  readonly keylessAt: string[];
  /** Ids of the keys that read. */
  readonly readers: string[];
  readiness: boolean;
  doorOpen: boolean;
}

export const KNOWN = { host: "brand.test", authorization: `Bearer ${SECRET}` };

export function openCounter(setting: Setting = {}): Counter {
  const held = bench(setting);
  const queries: UsageQuery[] = [];
  const failedAt: string[] = [];
  const keylessAt: string[] = [];
  const readers: string[] = [];
  const counter: Counter = { ...held, ask, queries, failedAt, keylessAt, readers, readiness: true, doorOpen: true };
  const unused = (): never => {
    throw new Error("the callers' side has nothing to administer");
  };
  const admin = { createTenant: unused, setTenantPolicy: unused, createProject: unused, createKey: unused, revokeKey: unused };
  const door: Door = {
    failed: (address) => Promise.resolve((failedAt.push(address), counter.doorOpen)),
    keyless: (address) => Promise.resolve((keylessAt.push(address), counter.doorOpen)),
    reading: (key) => Promise.resolve((readers.push(key), counter.doorOpen)),
  };
  const app = createApp(
    {
      world: { ...held.world, door },
      ledger: { usage: (query) => Promise.resolve((queries.push(query), [])) },
      admin: { ...admin, setLimits: unused, listTenants: unused, listProjects: unused, listKeys: unused },
      metrics: () => Promise.resolve(""),
      ready: () => counter.readiness,
    },
    paperEdge(),
  );
  return counter;

  async function ask(method: string, path: string, { body, headers = KNOWN }: Question = {}): Promise<Reply> {
    const init = { method, headers, ...(body === undefined ? {} : { body }) };
    const response = await app.request(path, init, { path: path.split("?")[0] });
    const text = await response.text();
    const json: unknown = text.startsWith("{") ? JSON.parse(text) : {};
    return { status: response.status, headers: response.headers, text, body: typeof json === "object" && json !== null ? { ...json } : {} };
  }
}
