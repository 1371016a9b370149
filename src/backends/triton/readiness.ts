/** Which models of a Triton answer now. Never by the server's own readiness: that is lost for all when any one of them is loaded or unloaded. */
import type { Ask } from "../../ports.ts";
import { isList, isRecord } from "./body.ts";

const OK = 200;

/**
 * Names among `names` that are ready. One is asked for by its own route; several by the repository's index, where it may be read.
 * Rejects when the server cannot be reached.
 */
export async function readyModels(ask: Ask, names: readonly string[]): Promise<readonly string[]> {
  if (names.length > 1) {
    const { status, body } = await ask("POST", "/v2/repository/index", '{"ready":true}');
    const listed = status === OK ? namesIn(body) : undefined;
    if (listed !== undefined) return names.filter((name) => listed.has(name));
  }
  const states = await Promise.all(names.map((name) => ask("GET", `/v2/models/${name}/ready`)));
  return names.filter((_, at) => states[at]?.status === OK);
}

/** Models of an index with a version that is ready; undefined when it is no index. */
function namesIn(body: string): ReadonlySet<string> | undefined {
  let rows: unknown;
  try {
    rows = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (!isList(rows)) return undefined;
  const names = new Set<string>();
  for (const row of rows) if (isRecord(row) && row["state"] === "READY" && typeof row["name"] === "string") names.add(row["name"]);
  return names;
}
