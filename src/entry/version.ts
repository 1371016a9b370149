/** The version that package.json names: it lies as far above the compiled files as above this one. */
import { readFileSync } from "node:fs";

export function version(): string {
  const parsed: unknown = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  return typeof parsed === "object" && parsed !== null && "version" in parsed ? String(parsed.version) : "0";
}
