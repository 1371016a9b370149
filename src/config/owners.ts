/** Who belongs to whom in the file, including what may be left out because only one is declared. */
import { isRecord, valueAt } from "./path.ts";

/** Section, its field, and the section that the field names. */
export const OWNERS = {
  sites: { field: "operator", section: "operators", noun: "operator" },
  backends: { field: "site", section: "sites", noun: "site" },
  tenants: { field: "msp", section: "msps", noun: "MSP" },
  projects: { field: "tenant", section: "tenants", noun: "tenant" },
  keys: { field: "project", section: "projects", noun: "project" },
} as const;

export type OwnedSection = keyof typeof OWNERS;

/** Ids declared in a section of the raw file, sound or not. */
export function declaredIds(file: unknown, section: string): readonly string[] {
  const entries = valueAt(file, [section]);
  return isRecord(entries) ? Object.keys(entries) : [];
}

/** The owner that an entry names, or the only one there is; undefined when that does not say. */
export function ownerOf(file: unknown, section: OwnedSection, id: string): string | undefined {
  const { field, section: owners } = OWNERS[section];
  const named = valueAt(file, [section, id, field]);
  if (typeof named === "string") return named;
  const declared = declaredIds(file, owners);
  return named === undefined && declared.length === 1 ? declared[0] : undefined;
}
