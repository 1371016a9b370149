/** Every maximum of src/bounds.ts as Markdown: values from the table itself, headings and remarks from the comments beside them. */
import { readFileSync } from "node:fs";
import { BOUNDS } from "../src/bounds.ts";

const INTRO = `# Bounds

<!-- Generated from src/bounds.ts by \`npm run generate\`; do not edit. -->

Every queue, map, body and wait of the gateway has a maximum. They are constants of this version, not settings; what you may set
(limits, budgets, concurrency, weights) is in [configuration.md](configuration.md). Some of them must stand in a relation to others; the gateway does
not start when one does not.`;

const KIB = 1024;
const MIB = KIB * KIB;

/** Markdown of docs/reference/bounds.md. */
export function boundsReference(): string {
  const text = readFileSync(new URL("../src/bounds.ts", import.meta.url), "utf8");
  return [INTRO, ...tables(text), relations(text)].join("\n");
}

/** One table for each `// heading` inside the object. */
function tables(text: string): readonly string[] {
  const lines: string[] = [];
  let remark = "";
  for (const line of text.slice(text.indexOf("export const BOUNDS"), text.indexOf("} as const")).split("\n")) {
    const heading = /^ {2}\/\/ (.+)$/.exec(line)?.[1];
    if (heading !== undefined) lines.push(`\n## ${capital(heading)}\n`, "| bound | value | |", "|---|---|---|");
    const name = /^ {2}(\w+):/.exec(line)?.[1];
    if (name !== undefined) lines.push(`| \`${name}\` | ${valueOf(name)} | ${remark} |`);
    remark = /^ {2}\/\*\* (.+) \*\/$/.exec(line)?.[1] ?? "";
  }
  return lines;
}

function valueOf(name: string): string {
  const value: number | undefined = Object.entries(BOUNDS).find(([each]) => each === name)?.[1];
  if (value === undefined) throw new Error(`src/bounds.ts: ${name} was read and is not there`);
  return shown(name, value);
}

/** The unit is the last word of the name, before Max or Min. */
function shown(name: string, value: number): string {
  if (/Ms(Max)?$/.test(name)) return duration(value);
  return name.includes("Bytes") ? size(value) : grouped(value);
}

function size(bytes: number): string {
  if (bytes % MIB === 0) return `${String(bytes / MIB)} MiB`;
  return bytes % KIB === 0 ? `${String(bytes / KIB)} KiB` : `${grouped(bytes)} bytes`;
}

function duration(ms: number): string {
  if (ms % 3_600_000 === 0) return `${String(ms / 3_600_000)} h`;
  if (ms >= 60_000 && ms % 60_000 === 0) return `${String(ms / 60_000)} min`;
  return ms % 1_000 === 0 ? `${String(ms / 1_000)} s` : `${grouped(ms)} ms`;
}

function grouped(value: number): string {
  const [whole = "", ...fraction] = String(value).split(".");
  return [whole.replace(/\B(?=(\d{3})+$)/g, ","), ...fraction].join(".");
}

function relations(text: string): string {
  const sentences = Array.from(text.matchAll(/^relation\(.*, "(.+)"\);$/gm), ([, sentence = ""]) => `- ${capital(sentence)}.`);
  return `\n## Relations\n\n${sentences.join("\n")}\n`;
}

/** vLLM stays vLLM. */
function capital(sentence: string): string {
  return /^[a-z]([a-z ]|$)/.test(sentence) ? sentence.charAt(0).toUpperCase() + sentence.slice(1) : sentence;
}
