/** Reads the query of OpenAI's usage and cost pages into one bounded question for the ledger. Unknown parameters are refused. */
import type { TenantId } from "../domain/ids.ts";
import { Fault } from "../faults.ts";
import type { UsageQuery } from "../ports.ts";

export interface UsagePage {
  /** Whole buckets, UTC-aligned, of this page alone. */
  readonly query: UsageQuery;
  /** Cursor of the next page; undefined: this is the last. */
  readonly nextPage: string | undefined;
}

export interface UsageAsker {
  readonly tenant: TenantId;
  /** The only projects that the caller may see; undefined: all of the tenant's. */
  readonly projects: readonly string[] | undefined;
  readonly endpoint: "usage" | "costs";
  readonly nowMs: number;
}

interface Width {
  readonly ms: number;
  readonly limitDefault: number;
  readonly limitMax: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const WIDTHS: ReadonlyMap<string, Width> = new Map([
  ["1m", { ms: MINUTE_MS, limitDefault: 60, limitMax: 1_440 }],
  ["1h", { ms: 60 * MINUTE_MS, limitDefault: 24, limitMax: 168 }],
  ["1d", { ms: DAY_MS, limitDefault: 7, limitMax: 31 }],
]);
const COST_WIDTHS: ReadonlyMap<string, Width> = new Map([["1d", { ms: DAY_MS, limitDefault: 7, limitMax: 180 }]]);

type Group = UsageQuery["groupBy"][number];
const GROUPS: ReadonlyMap<string, Group> = new Map([
  ["project_id", "project_id"],
  ["api_key_id", "api_key_id"],
  ["model", "model"],
]);
const COST_GROUPS: ReadonlyMap<string, Group> = new Map([
  ["project_id", "project_id"],
  ["api_key_id", "api_key_id"],
  ["line_item", "model"],
]);

const KNOWN = new Set(["start_time", "end_time", "bucket_width", "limit", "page", "project_ids", "api_key_ids", "models", "group_by"]);
const VALUES_MAX = 100;
const PAGE = /^page_(\d{1,15})$/;

/** @throws Fault missing_parameter, invalid_value, above_max, below_min, array_too_long, unsupported_parameter */
export function parseUsageQuery(params: URLSearchParams, asker: UsageAsker): UsagePage {
  for (const name of params.keys()) if (!KNOWN.has(bare(name))) throw unsupported(bare(name));
  const costs = asker.endpoint === "costs";
  const width = pick("bucket_width", params.get("bucket_width") ?? "1d", costs ? COST_WIDTHS : WIDTHS);
  const limit = wholeNumber(params, "limit", { min: 1, max: width.limitMax }) ?? width.limitDefault;
  const startS = wholeNumber(params, "start_time", SECONDS);
  if (startS === undefined)
    throw new Fault("missing_parameter", { text: "Missing required parameter: 'start_time'.", param: "start_time" });
  const endMs = Math.ceil(((wholeNumber(params, "end_time", SECONDS) ?? Math.ceil(asker.nowMs / 1000)) * 1000) / width.ms) * width.ms;
  const startMs = cursor(params.get("page")) ?? Math.floor((startS * 1000) / width.ms) * width.ms;
  if (startMs % width.ms !== 0) throw invalid("page", "Invalid 'page': not a cursor of this question.");
  if (endMs <= startMs) throw invalid("end_time", "Invalid 'end_time': it must lie after 'start_time'.");
  const pageEndMs = Math.min(endMs, startMs + limit * width.ms);
  return {
    query: {
      tenant: asker.tenant,
      startMs,
      endMs: pageEndMs,
      bucketMs: width.ms,
      projects: projectsOf(list(params, "project_ids"), asker.projects),
      keys: list(params, "api_key_ids"),
      models: list(params, "models"),
      groupBy: [...new Set((list(params, "group_by") ?? []).map((name) => pick("group_by", name, costs ? COST_GROUPS : GROUPS)))],
      capability: undefined,
    },
    nextPage: pageEndMs < endMs ? `page_${pageEndMs / 1000}` : undefined,
  };
}

/** Unix seconds up to the year 9999. */
const SECONDS = { min: 0, max: 253_402_300_799 } as const;

/** `project_ids[]` and `project_ids` are the same list: OpenAI's clients send brackets. */
const bare = (name: string): string => (name.endsWith("[]") ? name.slice(0, -2) : name);

function list(params: URLSearchParams, name: string): readonly string[] | undefined {
  const values = [...params.getAll(`${name}[]`), ...params.getAll(name).flatMap((value) => value.split(","))];
  if (values.length > VALUES_MAX)
    throw new Fault("array_too_long", { text: `Invalid '${name}': more than ${VALUES_MAX} values.`, param: name });
  return values.length === 0 ? undefined : values;
}

/** What was asked for, cut down to what the caller may see. */
function projectsOf(asked: readonly string[] | undefined, visible: readonly string[] | undefined): readonly string[] | undefined {
  if (visible === undefined) return asked;
  return asked === undefined ? visible : asked.filter((project) => visible.includes(project));
}

function wholeNumber(params: URLSearchParams, name: string, range: { readonly min: number; readonly max: number }): number | undefined {
  const text = params.get(name);
  if (text === null) return undefined;
  if (!/^\d{1,15}$/.test(text)) throw invalid(name, `Invalid '${name}': expected a whole number.`);
  const value = Number(text);
  if (value > range.max)
    throw new Fault("above_max", { text: `Invalid '${name}': expected a value <= ${range.max}, but got ${text} instead.`, param: name });
  if (value < range.min)
    throw new Fault("below_min", { text: `Invalid '${name}': expected a value >= ${range.min}, but got ${text} instead.`, param: name });
  return value;
}

function pick<T>(name: string, value: string, from: ReadonlyMap<string, T>): T {
  const found = from.get(value);
  if (found !== undefined) return found;
  throw invalid(name, `Invalid value for '${name}'. Supported values are: ${[...from.keys()].map((each) => `'${each}'`).join(", ")}.`);
}

function cursor(page: string | null): number | undefined {
  if (page === null || page === "") return undefined;
  const seconds = PAGE.exec(page)?.[1];
  if (seconds === undefined) throw invalid("page", "Invalid 'page': use the value of 'next_page' of the page before.");
  return Number(seconds) * 1000;
}

function invalid(param: string, text: string): Fault {
  return new Fault("invalid_value", { text, param });
}

function unsupported(name: string): Fault {
  const shown = name.slice(0, 64);
  return new Fault("unsupported_parameter", { text: `Unsupported parameter: '${shown}'.`, param: shown });
}
