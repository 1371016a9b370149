/** The x-ratelimit headers, from the tightest window of all levels. */
import type { Windows } from "../ports.ts";

/** Flat name, value list; empty where no level has a limit. */
export function rateLimitHeaders(windows: Windows): string[] {
  const headers: string[] = [];
  push(headers, "requests", windows.requests);
  push(headers, "tokens", windows.tokens);
  return headers;
}

function push(headers: string[], what: "requests" | "tokens", window: Windows["requests"]): void {
  if (window === undefined) return;
  headers.push(`x-ratelimit-limit-${what}`, whole(window.limit), `x-ratelimit-remaining-${what}`, whole(window.remaining));
  headers.push(`x-ratelimit-reset-${what}`, goDuration(window.resetMs));
}

const whole = (count: number): string => String(Math.max(0, Math.floor(count)));

/** A duration as Go prints it: "0s", "17ms", "7.66s", "6m0s", "1h0m0s". Rounded up to whole milliseconds. */
export function goDuration(ms: number): string {
  const wholeMs = Math.max(0, Math.ceil(ms));
  if (wholeMs === 0) return "0s";
  if (wholeMs < 1000) return `${wholeMs}ms`;
  const minutes = Math.floor(wholeMs / 60_000);
  const seconds = `${(wholeMs % 60_000) / 1000}s`;
  if (minutes === 0) return seconds;
  return minutes < 60 ? `${minutes}m${seconds}` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds}`;
}
