/** Reads a handful of series out of an engine's metrics page by searching for their names: a page is 60 to 85 kB, and most of it is not for us. */

export interface Sample {
  /** What stands between the braces, as written; "" without labels. */
  readonly labels: string;
  readonly value: number;
}

/** Samples of exactly this metric; those whose value is no finite number are left out. */
export function samples(page: string, name: string): readonly Sample[] {
  const found: Sample[] = [];
  let at = page.startsWith(name) ? 0 : nextLine(page, name, 0);
  while (at >= 0) {
    const sample = sampleAt(page, at + name.length);
    if (sample !== undefined) found.push(sample);
    at = nextLine(page, name, at + name.length);
  }
  return found;
}

/** Position of the next line that starts with `name`, or -1. */
function nextLine(page: string, name: string, from: number): number {
  const at = page.indexOf(`\n${name}`, from);
  return at < 0 ? -1 : at + 1;
}

/** The sample whose name ends before `at`; undefined when the name goes on (another metric) or the value is none. */
function sampleAt(page: string, at: number): Sample | undefined {
  const close = page[at] === "{" ? labelsEnd(page, at) : at;
  if (close < 0) return undefined;
  const labels = close > at ? page.slice(at + 1, close - 1) : "";
  const gap = page[close];
  if (gap !== " " && gap !== "\t") return undefined;
  const newline = page.indexOf("\n", close);
  const rest = page.slice(close, newline < 0 ? page.length : newline).trim();
  const space = rest.indexOf(" ");
  const value = Number(space < 0 ? rest : rest.slice(0, space));
  return rest !== "" && Number.isFinite(value) ? { labels, value } : undefined;
}

/** Position behind the brace that closes the labels opened at `open`; a brace inside a quoted value closes nothing. */
function labelsEnd(page: string, open: number): number {
  let quoted = false;
  for (let at = open + 1; at < page.length; at += 1) {
    const char = page[at];
    if (char === "\n") return -1;
    if (quoted && char === "\\") at += 1;
    else if (char === '"') quoted = !quoted;
    else if (char === "}" && !quoted) return at + 1;
  }
  return -1;
}

/** Sum over all series of a metric; undefined when the page has none. */
export function total(page: string, name: string): number | undefined {
  const all = samples(page, name);
  return all.length === 0 ? undefined : all.reduce((sum, sample) => sum + sample.value, 0);
}

/** Largest of all series of a metric; undefined when the page has none. */
export function largest(page: string, name: string): number | undefined {
  const all = samples(page, name);
  return all.length === 0 ? undefined : all.reduce((most, sample) => Math.max(most, sample.value), -Infinity);
}
