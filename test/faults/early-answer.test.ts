/**
 * Engines that answer before they have read the request. What was still to be sent lies in memory that other requests use again: the engine
 * must never read another's bytes. The kernel's own buffers hide the mistake, so the reader is a program that makes them small.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { until } from "../edge/support/until.ts";
import { good } from "./support/answers.ts";
import { ask } from "./support/ask.ts";
import { FaultyFleet } from "./support/fleet.ts";
import { Scripted } from "./support/scripted.ts";

const PYTHON = process.env["PYTHON"] ?? "python3";
const SCRIPT = join(import.meta.dirname, "early_answer.py");
/** Within the sizes for which memory is used again. */
const BODY_BYTES = 700 * 1_024;
const READING_MS_MAX = 8_000;

const seen = z.object({ status: z.number(), letters: z.record(z.string(), z.number()) });

function missing(): string | undefined {
  if (process.platform !== "linux") return "it sets the sizes of Linux's socket buffers";
  return spawnSync(PYTHON, ["-c", "import socket"], { stdio: "ignore" }).status === 0 ? undefined : `${PYTHON} is not installed`;
}

class Reader {
  readonly #child: ChildProcess;
  #lines: readonly string[] = [];
  #rest = "";

  constructor(status: number) {
    this.#child = spawn(PYTHON, [SCRIPT, String(status)], { stdio: ["ignore", "pipe", "inherit"] });
    this.#child.stdout?.on("data", (chunk: Buffer) => {
      const parts = (this.#rest + chunk.toString()).split("\n");
      this.#rest = parts.pop() ?? "";
      this.#lines = [...this.#lines, ...parts];
    });
  }

  async url(): Promise<string> {
    await until("the reader listens", () => this.#lines.length > 0);
    return `http://127.0.0.1:${this.#lines[0] ?? ""}`;
  }

  /** What each connection that carried a request has read of its body: how often each letter that marks a request. */
  get requests(): readonly z.infer<typeof seen>[] {
    return this.#lines.slice(1).map((line) => seen.parse(JSON.parse(line)));
  }

  stop(): void {
    this.#child.kill("SIGKILL");
  }
}

const why = missing();
if (why !== undefined) process.stdout.write(`not run: early answers (${why})\n`);

describe.skipIf(why !== undefined && process.env["CI"] !== "true").each([200, 413, 503])(
  "an answer of %i before the body was read",
  (status) => {
    let reader: Reader;
    let fleet: FaultyFleet;
    let other: Scripted;

    beforeAll(async () => {
      reader = new Reader(status);
      other = await Scripted.start((turn) => turn.write(good(turn.body)));
      const places = [
        { model: "early", urls: [await reader.url()], spare: false },
        { model: "other", urls: [other.url], spare: false },
      ];
      fleet = await FaultyFleet.start({ places });
    });

    afterAll(async () => {
      reader.stop();
      await Promise.all([fleet.stop(), other.close()]);
      fleet.remove();
    });

    it("reads nothing of anybody else's request", { timeout: 30_000 }, async () => {
      const { port } = fleet;
      const marked = (model: string, letter: string) => ask({ port, model, content: letter.repeat(BODY_BYTES), more: usageAsked });
      const statuses: number[] = [];
      for (let round = 0; round < 3; round += 1) {
        const early = await Promise.all(["Q", "Q"].map((letter) => marked("early", letter)));
        statuses.push(...early.map((answer) => answer.status));
        // These take the memory that the first two gave back, while the reader has not read.
        const others = await Promise.all(["Z", "Z", "Z", "Z"].map((letter) => marked("other", letter)));
        expect(others.map((answer) => answer.status)).toEqual([200, 200, 200, 200]);
      }
      await until("the reader has read all", () => reader.requests.length >= 6, READING_MS_MAX).catch(() => undefined);
      expect(reader.requests.map(({ letters }) => letters["Z"] ?? 0)).toEqual(reader.requests.map(() => 0));
      expect(reader.requests.every(({ letters }) => (letters["Q"] ?? 0) > 0)).toBe(true);
      expect(statuses).toEqual(statuses.map(() => status));
      expect(reader.requests).toHaveLength(statuses.length);
    });
  },
);

/** Nothing of the body differs then but the model's name: it goes out as views into the caller's own bytes. */
const usageAsked = { stream: true, stream_options: { include_usage: true } };
