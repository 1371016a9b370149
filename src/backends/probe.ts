/** Asks an OpenAI-speaking engine what it serves right now and how busy it is. */
import type { Ask, Load, ProbeResult } from "../ports.ts";
import type { Dialect, LoadMetrics } from "./dialect.ts";
import { largest, total } from "./prometheus.ts";

const NONE: ReadonlySet<string> = new Set();
const OK = 200;
const NO_SUCH_ROUTE = 404;

/**
 * Rejects when the engine cannot be reached. An engine that can, but says that it is not well, serves no model;
 * a metrics page that is switched off is no illness.
 */
export async function probeOpenAi(dialect: Dialect, ask: Ask): Promise<ProbeResult> {
  const [healthy, models, page] = await Promise.all([
    dialect.health === undefined ? true : isOk(ask, dialect.health),
    dialect.models === undefined ? undefined : modelNames(ask, dialect.models),
    dialect.load === undefined ? undefined : metricsPage(ask, dialect.load.path),
  ]);
  const sleeping = page !== undefined && dialect.load?.asleep?.(page) === true;
  return {
    ready: healthy && !sleeping ? models : NONE,
    load: page === undefined || dialect.load === undefined ? undefined : loadOf(page, dialect.load),
  };
}

async function isOk(ask: Ask, path: string): Promise<boolean> {
  return (await ask("GET", path)).status === OK;
}

/** undefined: the engine has no such list. */
async function modelNames(ask: Ask, path: string): Promise<ReadonlySet<string> | undefined> {
  const { status, body } = await ask("GET", path);
  if (status === NO_SUCH_ROUTE) return undefined;
  return status === OK ? namesIn(body) : NONE;
}

/** Ids of OpenAI's list of models; none when it is no such list. */
export function namesIn(body: string): ReadonlySet<string> {
  let list: unknown;
  try {
    list = JSON.parse(body);
  } catch {
    return NONE;
  }
  if (typeof list !== "object" || list === null || !("data" in list) || !Array.isArray(list.data)) return NONE;
  const names = new Set<string>();
  const rows: readonly unknown[] = list.data;
  for (const row of rows) {
    if (typeof row === "object" && row !== null && "id" in row && typeof row.id === "string") names.add(row.id);
  }
  return names;
}

async function metricsPage(ask: Ask, path: string): Promise<string | undefined> {
  try {
    const { status, body } = await ask("GET", path);
    return status === OK ? body : undefined;
  } catch {
    return undefined;
  }
}

function loadOf(page: string, names: LoadMetrics): Load | undefined {
  const running = total(page, names.running);
  const waiting = total(page, names.waiting);
  if (running === undefined || waiting === undefined) return undefined;
  return { running, waiting, kvUse: names.kvUse === undefined ? undefined : largest(page, names.kvUse) };
}
