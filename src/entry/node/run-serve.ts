/** `bailiwick serve` as a process: what it says when it listens, and which signals it obeys. */
import { BOUNDS } from "../../bounds.ts";
import { fileSource, type ConfigSource } from "./estate.ts";
import { fail } from "./fail.ts";
import { serve, type Serving } from "./serve.ts";

type Served = Omit<Serving, "running">;

/** Where SO_REUSEPORT balances. */
const SHARES_PORTS: readonly string[] = ["linux", "freebsd"];

/** @param file configuration; undefined: the demo, which nothing else loads. @param count how many processes, as it was given */
export async function runServe(file: string | undefined, count: string): Promise<void> {
  try {
    const processes = processesOf(count);
    untilSignalled(file === undefined ? await demo(processes) : announced(await gateway(fileSource(file), processes)));
  } catch (error) {
    fail(error);
  }
}

/** @throws RangeError */
function processesOf(text: string): number {
  const count = Number(text);
  if (text.trim() !== "" && Number.isInteger(count) && count >= 1 && count <= BOUNDS.processesMax) return count;
  throw new RangeError(`--processes is a whole number from 1 to ${String(BOUNDS.processesMax)}, not "${text}".`);
}

/** Several processes are loaded only where they are wanted. */
async function gateway(source: ConfigSource, processes: number): Promise<Served> {
  if (processes === 1) return serve(source, { follow: true });
  if (!SHARES_PORTS.includes(process.platform))
    throw new Error(`--processes needs a system that deals connections out to several listeners; on ${process.platform} run one process.`);
  const { serveProcesses } = await import("./processes/serve-processes.ts");
  return serveProcesses(source, processes);
}

async function demo(processes: number): Promise<Served> {
  if (processes > 1) throw new Error("The demo is one process: give --config with --processes.");
  const { startDemo } = await import("./demo.ts");
  return startDemo();
}

function announced(serving: Served): Served {
  for (const { host, port, msp } of serving.listening)
    process.stderr.write(`listening on http://${host}:${String(port)}${msp === undefined ? "" : ` for ${msp}`}\n`);
  process.stderr.write(`administration and metrics on http://${serving.admin.host}:${String(serving.admin.port)}\n`);
  return serving;
}

/** SIGTERM and SIGINT drain and leave with 0; SIGHUP reads the configuration again. */
function untilSignalled(serving: Pick<Serving, "stop" | "reload">): void {
  let leaving = false;
  const leave = (): void => {
    if (leaving) return;
    leaving = true;
    void serving.stop().then((clean) => process.exit(clean ? 0 : 1));
  };
  process.on("SIGTERM", leave).on("SIGINT", leave);
  process.on("SIGHUP", () => serving.reload());
}
