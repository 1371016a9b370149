/** The figures as bars against their limits, in plain SVG that reads on light and on dark pages. */
import { isFigureKey, LIMITS } from "./limits.ts";
import { withUnit } from "./markdown.ts";
import type { Figure, Results } from "./results.ts";

const WIDTH = 900;
const ROW = 30;
const TOP = 44;
const LABELS = 390;
/** Pixels from nothing to the limit; a bar may run on to a quarter more, then it is cut. */
const FULL = 240;
const SHARE_MAX = 1.25;
const LEAST = 2;

const STYLE = `text { font: 13px system-ui, sans-serif; fill: #1f2328; }
.quiet { fill: #59636e; }
.held { fill: #1a7f37; }
.over { fill: #cf222e; }
.track { fill: #818b98; fill-opacity: 0.18; }
.limit { stroke: #59636e; stroke-width: 1.5; stroke-dasharray: 4 3; }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc; }
  .quiet { fill: #9198a1; }
  .held { fill: #3fb950; }
  .over { fill: #f85149; }
  .limit { stroke: #9198a1; }
}`;

/** Background is left out: the page's own shows through. */
export function pictureOf(figures: Results["figures"]): string {
  const rows = Object.entries(figures);
  const height = TOP + rows.length * ROW + 12;
  const bars = rows.map(([key, figure], index) => rowOf(key, figure, TOP + index * ROW)).join("\n");
  const held = rows.filter(([, { holds }]) => holds).length;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${String(WIDTH)}" height="${String(height)}" viewBox="0 0 ${String(WIDTH)} ${String(height)}" role="img" aria-labelledby="title">
<title id="title">${String(held)} of ${String(rows.length)} figures hold their limit</title>
<style>
${STYLE}
</style>
<text x="${String(LABELS + FULL)}" y="20" text-anchor="middle" class="quiet">limit</text>
<line class="limit" x1="${String(LABELS + FULL)}" y1="28" x2="${String(LABELS + FULL)}" y2="${String(height - 8)}"/>
${bars}
</svg>
`;
}

function rowOf(key: string, { value, unit, limit, holds }: Figure, top: number): string {
  const meaning = isFigureKey(key) ? LIMITS[key].meaning : key;
  const length = Math.max(LEAST, FULL * shareOf(value, limit));
  const missed = isFigureKey(key) && LIMITS[key].reach === "least" ? ", short" : ", over";
  const said = `${withUnit(value, unit)} of ${withUnit(limit, unit)}${holds ? "" : missed}`;
  const at = (y: number): string => String(top + y);
  return `<g><title>${escaped(`${key}: ${said}`)}</title>
<text x="${String(LABELS - 12)}" y="${at(18)}" text-anchor="end">${escaped(meaning)}</text>
<rect class="track" x="${String(LABELS)}" y="${at(6)}" width="${String(FULL)}" height="16" rx="3"/>
<rect class="${holds ? "held" : "over"}" x="${String(LABELS)}" y="${at(6)}" width="${length.toFixed(1)}" height="16" rx="3"/>
<text x="${String(WIDTH - 4)}" y="${at(18)}" text-anchor="end">${escaped(said)}</text></g>`;
}

/** Of the limit; where the limit is nothing, anything is over. */
function shareOf(value: number, limit: number): number {
  if (value <= 0) return 0;
  return limit === 0 ? SHARE_MAX : Math.min(SHARE_MAX, value / limit);
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
