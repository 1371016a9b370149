/** One simulated engine as a program: says in one line of JSON where it listens, then serves until it is told to stop. */
import { parseArgs } from "node:util";
import { nodeClock } from "../entry/node/clock.ts";
import type { Clock } from "../ports.ts";
import type { Simulator } from "../simulator/demo-engines.ts";
import { TritonSimulator } from "../simulator/triton.ts";
import { VllmSimulator } from "../simulator/vllm.ts";

const USAGE = `usage: node src/simulator/main.ts --engine vllm|vllm-pooling|triton [--port N] [--model NAME]... [--seed N] [--api-key KEY] [--context TOKENS]
               [--decode-ms N] [--prefill-ms N] [--max-num-seqs N]`;

const DEFAULT_MODEL = "harbour-8b";

const FLAGS = {
  engine: { type: "string", default: "vllm" },
  port: { type: "string", default: "0" },
  model: { type: "string", multiple: true },
  seed: { type: "string", default: "1" },
  "api-key": { type: "string" },
  context: { type: "string", default: "32768" },
  "decode-ms": { type: "string", default: "12" },
  "prefill-ms": { type: "string", default: "0.2" },
  "max-num-seqs": { type: "string", default: "64" },
} as const;

/** @throws Error for a flag or a value that is not understood */
function build(values: ReturnType<typeof read>, clock: Clock): Simulator {
  const [first = DEFAULT_MODEL, ...more] = values.model ?? [];
  const profile = {
    decodeMsPerToken: number("decode-ms", values["decode-ms"]),
    prefillMsPerToken: number("prefill-ms", values["prefill-ms"]),
    sequencesMax: number("max-num-seqs", values["max-num-seqs"]),
  };
  const context = number("context", values.context);
  const models: readonly [string, ...string[]] = [first, ...more];
  const common = { clock, models, seed: number("seed", values.seed), profile, contextTokensMax: context };
  if (values.engine === "triton") return new TritonSimulator(common);
  const apiKey = values["api-key"] === undefined ? {} : { apiKey: values["api-key"] };
  if (values.engine === "vllm") return new VllmSimulator({ ...common, ...apiKey });
  if (values.engine === "vllm-pooling") return new VllmSimulator({ ...common, ...apiKey, runner: "pooling" });
  throw new Error(`no engine ${values.engine}`);
}

function read(args: readonly string[]) {
  return parseArgs({ args: [...args], options: FLAGS, strict: true, allowPositionals: false }).values;
}

function number(flag: string, text: string): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isFinite(value) && value >= 0) return value;
  throw new Error(`--${flag} takes a number from 0 up, not ${text}`);
}

export interface SimulateIo {
  readonly clock: Clock;
  readonly out: (text: string) => unknown;
  readonly err: (text: string) => unknown;
}

/** Starts the engine that the arguments describe. @returns it, or undefined when they are not understood (the usage has been printed) */
export async function simulate(args: readonly string[], { clock, out, err }: SimulateIo): Promise<Simulator | undefined> {
  try {
    const values = read(args);
    const simulator = build(values, clock);
    const port = await simulator.start(number("port", values.port));
    out(`${JSON.stringify({ engine: values.engine, port, url: simulator.url, models: values.model ?? [DEFAULT_MODEL] })}\n`);
    return simulator;
  } catch (error) {
    err(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    return undefined;
  }
}

/** The program: real time, standard streams, and an end on SIGTERM or SIGINT. */
export async function runSimulator(args: readonly string[]): Promise<void> {
  const { stdout, stderr } = process;
  const simulator = await simulate(args, { clock: nodeClock, out: (text) => stdout.write(text), err: (text) => stderr.write(text) });
  if (simulator === undefined) process.exitCode = 2;
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, () => void simulator?.stop());
}
