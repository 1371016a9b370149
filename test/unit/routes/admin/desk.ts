/** The admin app over a real directory, asked without a socket. */
import { createHash } from "node:crypto";
import type { RequestRecord, UsageQuery } from "../../../../src/ports.ts";
import { createAdminApp } from "../../../../src/routes/admin/app.ts";
import type { Facilities } from "../../../../src/routes/facilities.ts";
import { openDirectory } from "../../../../src/storage/open-directory.ts";
import { onTestFinished } from "vitest";
import { DECLARED } from "../../../contract/directory.ts";
import { PlainLaw } from "../../storage/fixtures/law.ts";
import { CountingRandom, temporaryFolder, VirtualClock } from "../../storage/fixtures/world.ts";
import { paperEdge } from "../paper.ts";

export const SECRET = "sk-admin";
const sha256 = (text: Buffer | string): string => createHash("sha256").update(text).digest("base64url");

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** undefined: not JSON. */
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Desk {
  ask(
    method: string,
    path: string,
    options?: { body?: unknown; raw?: string; headers?: Readonly<Record<string, string>> },
  ): Promise<Answer>;
  readonly law: PlainLaw;
  readonly queries: UsageQuery[];
  readonly records: RequestRecord[];
  readiness: boolean;
  doorOpen: boolean;
}

export function openDesk({ keyHash }: { readonly keyHash: string | undefined } = { keyHash: sha256(SECRET) }): Desk {
  const clock = new VirtualClock();
  const random = new CountingRandom();
  const law = new PlainLaw();
  const { directory, close } = openDirectory({ dir: temporaryFolder(), declared: DECLARED, clock, random, law });
  onTestFinished(close);
  const queries: UsageQuery[] = [];
  const records: RequestRecord[] = [];
  const desk: Desk = { ask, law, queries, records, readiness: true, doorOpen: true };
  const world = {
    clock,
    random,
    hash: { sha256, isUtf8: () => true },
    observer: { finished: (record: RequestRecord) => void records.push(record) },
    door: { failed: () => Promise.resolve(desk.doorOpen), keyless: () => Promise.resolve(desk.doorOpen) },
  };
  const facilities = {
    world,
    admin: directory,
    ledger: { usage: (query: UsageQuery) => Promise.resolve((queries.push(query), [])) },
    metrics: () => Promise.resolve("metric 1\n"),
    ready: () => desk.readiness,
  };
  const app = createAdminApp(partial<Facilities>(facilities), paperEdge(), () => keyHash);
  return desk;

  async function ask(method: string, path: string, options: Parameters<Desk["ask"]>[2] = {}): Promise<Answer> {
    const { body, raw = body === undefined ? undefined : JSON.stringify(body), headers = { authorization: `Bearer ${SECRET}` } } = options;
    const response = await app.request(
      path,
      { method, headers, ...(raw === undefined ? {} : { body: raw }) },
      { path: path.split("?")[0] },
    );
    const text = await response.text();
    const json: unknown = text.startsWith("{") ? JSON.parse(text) : {};
    return { status: response.status, headers: response.headers, text, body: typeof json === "object" && json !== null ? { ...json } : {} };
  }
}

/** Only what the administration looks at. */
function partial<T>(value: unknown): T {
  return value as T;
}
