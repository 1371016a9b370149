/** What `npm run bench` can be told; an unknown word is refused, so that nobody waits for a scenario that never ran. */
import { parseArgs } from "node:util";

export interface Options {
  readonly only: readonly string[];
  readonly rounds: number;
  /** Multiplies every duration and count, but not a rate, a size, or a number of connections. */
  readonly scale: number;
  /** Open streams of the scenario "streams". */
  readonly streams: number;
  /** Folder of latest.json, latest.md and latest.svg. */
  readonly out: string;
}

const ROUNDS_MAX = 50;
const SCALE_MAX = 20;
/** The governed configuration lets 8,192 requests at once to its backend. */
const STREAMS_MAX = 8_000;

export const USAGE = `npm run bench -- [--only NAME,…] [--rounds 3] [--scale 1] [--streams 5000] [--out bench/results]`;

/** @throws RangeError, TypeError: what was asked for does not exist, with what does */
export function parseOptions(args: readonly string[], names: readonly string[], out: string): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      rounds: { type: "string" },
      scale: { type: "string" },
      streams: { type: "string" },
      out: { type: "string" },
    },
  });
  const only = values.only?.split(",") ?? names;
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new RangeError(`there is no scenario "${unknown}"; there are ${names.join(", ")}`);
  return {
    only,
    rounds: number("rounds", values.rounds ?? "3", { least: 1, most: ROUNDS_MAX, whole: true }),
    scale: number("scale", values.scale ?? "1", { least: 0.001, most: SCALE_MAX, whole: false }),
    streams: number("streams", values.streams ?? "5000", { least: 1, most: STREAMS_MAX, whole: true }),
    out: values.out ?? out,
  };
}

function number(name: string, text: string, { least, most, whole }: { least: number; most: number; whole: boolean }): number {
  const value = Number(text);
  if (text.trim() === "" || !(value >= least && value <= most) || (whole && !Number.isInteger(value)))
    throw new RangeError(`--${name} is ${whole ? "a whole number" : "a number"} from ${String(least)} to ${String(most)}, not "${text}"`);
  return value;
}
