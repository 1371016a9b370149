/** Simulated engines as processes of their own, each on a port that it keeps: they can be stopped, killed, frozen, and started again. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { until } from "../../edge/support/until.ts";
import { SERVED } from "./fleet.ts";

const PROGRAM = join(import.meta.dirname, "..", "..", "..", "src", "simulator", "main.ts");
const START_MS_MAX = 20_000;

export class ChildEngine {
  #child: ChildProcess | undefined;
  #port = 0;
  #exited = true;

  static async start(): Promise<ChildEngine> {
    const engine = new ChildEngine();
    await engine.start();
    return engine;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.#port)}`;
  }

  /** On the port that it had before. */
  async start(): Promise<void> {
    const flags = ["--engine", "vllm", "--port", String(this.#port), "--model", SERVED, "--decode-ms", "4", "--prefill-ms", "0"];
    const child = spawn(process.execPath, [PROGRAM, ...flags], { stdio: ["ignore", "pipe", "inherit"] });
    this.#child = child;
    this.#exited = false;
    child.once("exit", () => (this.#exited = true));
    let said = "";
    child.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    await until("the engine listens", () => said.includes("\n"), START_MS_MAX);
    this.#port = Number(/"port":(\d+)/.exec(said)?.[1] ?? 0);
  }

  /** Resolves when the process has ended. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    this.#child?.kill(signal);
    await until("the engine has ended", () => this.#exited, 10_000);
  }

  freeze(): void {
    this.#child?.kill("SIGSTOP");
  }

  thaw(): void {
    this.#child?.kill("SIGCONT");
  }
}
