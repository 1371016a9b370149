/** latest.json: every figure with its limit and how it was measured. Whoever measures one enters it here; all others stay as they are. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { format, resolveConfig } from "prettier";
import { z } from "zod";
import type { Measured, Outcome } from "./bench.ts";
import { FIGURE_KEYS, holds, LIMITS } from "./limits.ts";
import { markdownOf } from "./markdown.ts";
import { pictureOf } from "./picture.ts";

const spread = z.object({ median: z.number(), low: z.number(), high: z.number() });
const figure = z.object({
  value: z.number(),
  unit: z.string(),
  limit: z.number(),
  holds: z.boolean(),
  measured_at: z.string(),
  how: z.string(),
});
const table = z.object({
  title: z.string(),
  measured_at: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.object({ name: z.string(), cells: z.array(spread.nullable()) })),
  remarks: z.array(z.string()),
});
const results = z.looseObject({ figures: z.record(z.string(), figure), scenarios: z.record(z.string(), table) });

export type Figure = z.infer<typeof figure>;
export type Table = z.infer<typeof table>;
export type Results = z.infer<typeof results>;

const DIGITS = 4;
const NAME = "latest.json";

/** What is known so far. @throws Error when the file is not one of ours: it is not overwritten */
export function readResults(folder: string): Results {
  const file = join(folder, NAME);
  return existsSync(file) ? results.parse(JSON.parse(readFileSync(file, "utf8"))) : { figures: {}, scenarios: {} };
}

/** Enters figures, and leaves all others. Known figures come first, in the order of their limits. */
export function withFigures(before: Results, measured: readonly Measured[], at: Date): Results {
  const entered = measured.map(({ key, value, how }): [string, Figure] => {
    const { unit, limit } = LIMITS[key];
    return [key, { value: Number(value.toPrecision(DIGITS)), unit, limit, holds: holds(key, value), measured_at: at.toISOString(), how }];
  });
  const all = { ...before.figures, ...Object.fromEntries(entered) };
  const known = FIGURE_KEYS.flatMap((key) => (all[key] === undefined ? [] : [[key, all[key]]]));
  return { ...before, figures: { ...Object.fromEntries(known), ...all } };
}

/** Enters what a scenario measured: its figures, and its table in place of an earlier one. */
export function withOutcome(
  before: Results,
  { name, outcome, at }: { readonly name: string; readonly outcome: Outcome; readonly at: Date },
): Results {
  const { title, columns, rows, remarks } = outcome;
  const entered: Table = {
    title,
    measured_at: at.toISOString(),
    columns: [...columns],
    rows: rows.map((row) => ({ name: row.name, cells: row.cells.map((cell) => (cell === null ? null : rounded(cell))) })),
    remarks: [...remarks],
  };
  const after = withFigures(before, outcome.figures, at);
  return { ...after, scenarios: { ...after.scenarios, [name]: entered } };
}

/** Writes latest.json, latest.md and latest.svg; a reader never sees half a file. */
export async function writeResults(folder: string, all: Results): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const style = await resolveConfig(import.meta.filename);
  replace(join(folder, NAME), await format(JSON.stringify(all, null, 2), { ...style, parser: "json" }));
  replace(join(folder, "latest.md"), markdownOf(all));
  replace(join(folder, "latest.svg"), pictureOf(all.figures));
}

function replace(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

function rounded({ median, low, high }: z.infer<typeof spread>): z.infer<typeof spread> {
  const short = (value: number): number => Number(value.toPrecision(DIGITS));
  return { median: short(median), low: short(low), high: short(high) };
}
