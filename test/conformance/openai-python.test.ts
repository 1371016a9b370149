/** OpenAI's own Python client, unmodified, against the whole gateway. Without it the suite says so, and is a failure where everything must run. */
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import { KEYS, MODELS } from "../edge/support/estate.ts";
import { type Stand, startStand } from "../edge/support/stand.ts";
import { until } from "../edge/support/until.ts";

const PREPARED = join(import.meta.dirname, "..", "..", "node_modules", ".cache", "python", "bin", "python");
const PYTHON = process.env["PYTHON"] ?? (existsSync(PREPARED) ? PREPARED : "python3");
const SCRIPT = join(import.meta.dirname, "openai_python.py");
const RUN_MS_MAX = 60_000;

const outcome = z.object({ check: z.string(), ok: z.boolean(), why: z.string().optional() });

/** Why the client cannot run here; undefined: it can. */
function missing(): string | undefined {
  const found = spawnSync(PYTHON, ["-c", "import openai"], { stdio: "ignore" });
  if (found.error !== undefined) return `${PYTHON} is not installed`;
  return found.status === 0 ? undefined : "python3 has no package openai: scripts/conformance-python.sh installs it";
}

const why = missing();
if (why !== undefined) process.stdout.write(`not run: openai-python (${why})\n`);

describe.skipIf(why !== undefined)("openai-python", () => {
  let stand: Stand;
  beforeAll(async () => void (stand = await startStand()));
  afterAll(() => stand.stop());

  it("finds everything that it relies on", { timeout: RUN_MS_MAX }, async () => {
    const baseUrl = `http://127.0.0.1:${stand.ports.alpine}/v1`;
    const { code, lines, errors } = await run({ baseUrl, keys: KEYS, models: MODELS.alpine, lawlessCode: "SOV_SELF" });
    expect(lines.filter(({ ok }) => !ok)).toEqual([]);
    expect([code, lines.at(-1)?.check, errors]).toEqual([0, "end", ""]);
    expect(lines.length).toBeGreaterThanOrEqual(19);
    await until("nothing runs and no engine is busy", () => stand.holdsOpen() === 0 && stand.engines.vllm.engine.running === 0);
  });
});

it.runIf(why !== undefined && process.env["CI"] === "true")("openai-python must not be missing", () => {
  expect(why).toBeUndefined();
});

interface Ran {
  readonly code: number | null;
  readonly lines: readonly z.infer<typeof outcome>[];
  readonly errors: string;
}

function run(about: unknown): Promise<Ran> {
  return new Promise((resolve) => {
    const child = spawn(PYTHON, [SCRIPT], {
      env: { ...process.env, STAND: JSON.stringify(about), PYTHONDONTWRITEBYTECODE: "1" },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [out, errors] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    child.on("close", (code) =>
      resolve({
        code,
        errors,
        lines: out
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => outcome.parse(JSON.parse(line))),
      }),
    );
  });
}
