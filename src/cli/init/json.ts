/** Reading answers of servers that may say anything. */
import { isRecord, valueAt } from "../../config/path.ts";
import type { Path } from "../../config/path.ts";

/** A GET that never hangs: the caller bounds its time. Rejects when nothing answers. */
export type Get = (url: string) => Promise<{ readonly status: number; readonly body: string }>;

/** JSON of a 200 answer; undefined for anything else. */
export async function json(get: Get, url: string): Promise<unknown> {
  try {
    const { status, body } = await get(url);
    return status === 200 ? JSON.parse(body) : undefined;
  } catch {
    return undefined;
  }
}

export function textAt(value: unknown, path: Path): string | undefined {
  const found = valueAt(value, path);
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** A positive whole number, or undefined. */
export function countAt(value: unknown, path: Path): number | undefined {
  const found = valueAt(value, path);
  return typeof found === "number" && Number.isInteger(found) && found > 0 ? found : undefined;
}

export function recordsAt(value: unknown, path: Path): readonly Readonly<Record<string, unknown>>[] {
  const found = valueAt(value, path);
  return Array.isArray(found) ? found.filter(isRecord) : [];
}
