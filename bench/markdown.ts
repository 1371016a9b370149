/** The results as a page to read. A pure function of latest.json, so that the two never differ. */
import { isFigureKey, LIMITS } from "./limits.ts";
import type { Figure, Results, Table } from "./results.ts";

const SIGNS = { most: "≤", below: "<", least: "≥" } as const;

type Cell = Table["rows"][number]["cells"][number];

export function markdownOf({ figures, scenarios }: Results): string {
  const parts = [
    "# Benchmarks",
    "Written by `npm run bench`; how it is measured stands in [docs/benchmarks.md](../../docs/benchmarks.md).",
    "![Figures against their limits](latest.svg)",
    figuresTable(figures),
    ...Object.values(scenarios).map(scenarioPart),
  ];
  return `${parts.join("\n\n")}\n`;
}

function figuresTable(figures: Results["figures"]): string {
  const rows = Object.entries(figures).map(([key, figure]) => {
    const { value, unit, limit, holds, measured_at: at, how } = figure;
    const reach = SIGNS[isFigureKey(key) ? LIMITS[key].reach : "most"];
    return `| \`${key}\` | ${withUnit(value, unit)} | ${reach} ${withUnit(limit, unit)} | ${holds ? "yes" : "**no**"} | ${at.slice(0, 16).replace("T", " ")} | ${escaped(how)} |`;
  });
  return ["| figure | value | limit | holds | measured (UTC) | how |", "|---|---:|---:|---|---|---|", ...rows].join("\n");
}

function scenarioPart({ title, measured_at: at, columns, rows, remarks }: Table): string {
  const head = `| | ${columns.map(escaped).join(" | ")} |\n|---|${"---:|".repeat(columns.length)}`;
  const body = rows.map(({ name, cells }) => `| ${escaped(name)} | ${cells.map(cellText).join(" | ")} |`).join("\n");
  const foot = [`Measured ${at.slice(0, 10)}; median (lowest–highest round).`, ...remarks].join(" ");
  return `## ${title}\n\n${head}\n${body}\n\n${foot}`;
}

function cellText(cell: Cell): string {
  if (cell === null) return "–";
  const { median, low, high } = cell;
  return low === high ? numberText(median) : `${numberText(median)} (${numberText(low)}–${numberText(high)})`;
}

export function withUnit(value: number, unit: Figure["unit"]): string {
  if (unit === "count") return numberText(value);
  return `${numberText(value)} ${unit === "us" ? "µs" : unit}`;
}

/** Three digits that mean something, whole numbers whole. */
export function numberText(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString("en-US");
  const size = Math.abs(value);
  return value.toLocaleString("en-US", { maximumFractionDigits: size >= 100 ? 0 : size >= 10 ? 1 : 2 });
}

function escaped(text: string): string {
  return text.replaceAll("|", "\\|");
}
