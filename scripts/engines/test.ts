/** `npm run test:engines`: the suites against the engines that run, one after the other, and each engine's count of what passed among the figures. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Measured } from "../../bench/bench.ts";
import { readResults, withFigures, writeResults } from "../../bench/results.ts";
import { ROOT } from "../parts.ts";
import { TRITON_VERSION, VLLM_VERSION } from "./install.ts";
import { ENGINE_NAMES } from "./lineup.ts";
import { running } from "./running.ts";

const REPORT = join(ROOT, "node_modules", ".cache", "vitest-engines.json");
const RESULTS = join(ROOT, "bench", "results");
const RUN_MS_MAX = 20 * 60_000;

const report = z.object({
  testResults: z.array(
    z.object({ name: z.string(), status: z.string(), assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })) }),
  ),
});

interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly vllm: number;
  readonly triton: number;
}

const note = (text: string): void => void process.stdout.write(`${text}\n`);

/** Some of them end engines and start them again: no two run at once. */
function suites(): Promise<number> {
  rmSync(REPORT, { force: true });
  const vitest = join(ROOT, "node_modules", "vitest", "vitest.mjs");
  const args = [vitest, "run", "--project", "engines", "--no-file-parallelism", "--reporter=default", "--reporter=json"];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...args, `--outputFile.json=${REPORT}`], {
      cwd: ROOT,
      stdio: ["ignore", "inherit", "inherit"],
      timeout: RUN_MS_MAX,
      killSignal: "SIGKILL",
    });
    child.on("error", reject);
    child.on("close", (code) => resolve(code ?? 1));
  });
}

/** A file that does not load is a failure. A test counts for each engine that its file or its name says. */
function tally(code: number): Tally {
  if (!existsSync(REPORT)) return { passed: 0, failed: 1, vllm: 0, triton: 0 };
  const { testResults } = report.parse(JSON.parse(readFileSync(REPORT, "utf8")));
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map((test) => ({
      status: test.status,
      about: `${name.slice(ROOT.length).replace("test/engines", "")} ${test.fullName}`,
    })),
  );
  const passed = tests.filter(({ status }) => status === "passed");
  const unloaded = testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some(({ status }) => status === "failed"),
  );
  const failed = tests.filter(({ status }) => status === "failed").length + unloaded.length;
  const of = (engine: RegExp): number => passed.filter(({ about }) => engine.test(about)).length;
  return { passed: passed.length, failed: failed === 0 && code !== 0 ? 1 : failed, vllm: of(/vllm/i), triton: of(/triton/i) };
}

/** What failed is no figure: the last whole run's stands. */
async function enter({ vllm, triton }: Tally): Promise<void> {
  const how = (what: string): string => `npm run test:engines: ${what} through the gateway, Node ${process.versions.node}`;
  const measured: readonly Measured[] = [
    { key: "engines.vllm_passed", value: vllm, how: how(`vLLM ${VLLM_VERSION} on CPU with tiny models`) },
    { key: "engines.triton_passed", value: triton, how: how(`Triton ${TRITON_VERSION} with stand-ins for models in its python backend`) },
  ];
  await writeResults(RESULTS, withFigures(readResults(RESULTS), measured, new Date()));
}

const lacking = ENGINE_NAMES.filter((name) => running()[name] === undefined);
if (lacking.length > 0) {
  note(`not run: engines (${lacking.join(", ")} not up: npm run engines:up)`);
  note("0 passed, 1 failed");
  process.exitCode = 1;
} else {
  const counted = tally(await suites());
  if (counted.failed === 0) await enter(counted);
  note(`vllm ${counted.vllm}, triton ${counted.triton}`);
  note(`${counted.passed} passed, ${counted.failed} failed`);
  process.exitCode = counted.failed === 0 ? 0 : 1;
}
