/** Runs one client against one target, with a witness between them: what the client found, and what of the answers is not as OpenAI describes them. */
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { type Client, type ClientName, CLIENTS } from "./clients.ts";
import { type Finding, isMeant } from "./deviations.ts";
import { CLIENTS_FOLDER, ready, TIKTOKEN_FOLDER } from "./runtimes.ts";
import type { Target } from "./target.ts";
import { type Exchange, Witness } from "./witness.ts";

const RUN_MS_MAX = 180_000;

const outcome = z.object({
  check: z.string(),
  ok: z.boolean().optional(),
  why: z.string().optional(),
  /** What the target lacks. */
  skipped: z.string().optional(),
  /** In the last line: name and version of what ran. */
  client: z.string().optional(),
});
const verdict = z.union([
  z.object({ finding: z.object({ kind: z.string(), at: z.string(), rule: z.string(), text: z.string(), times: z.number() }) }),
  z.object({ counts: z.object({ bodies: z.number(), frames: z.number() }) }),
]);

export type Outcome = z.infer<typeof outcome>;

export interface Report {
  readonly name: ClientName;
  /** Why nothing ran; then all else is empty. */
  readonly missing: string | undefined;
  /** Name and version of the client, as it says itself. */
  readonly client: string;
  readonly outcomes: readonly Outcome[];
  /** Not as described, and not meant to be so. */
  readonly findings: readonly Finding[];
  /** What was held against the description. */
  readonly judged: { readonly bodies: number; readonly frames: number };
  /** What the scripts wrote to their standard error. */
  readonly errors: string;
}

/** Takes as long as the client does, a few minutes at most. Rejects only where the machinery itself fails. */
export async function runClient(name: ClientName, target: Target): Promise<Report> {
  const client: Client = CLIENTS[name];
  const means = await ready(client.runtime);
  const schemas = await ready("npm");
  const missing = "missing" in means ? means.missing : "missing" in schemas ? schemas.missing : undefined;
  if ("missing" in means || missing !== undefined) return nothing(name, missing ?? "");
  const witness = new Witness(target.baseUrl);
  try {
    const baseUrl = await witness.listen();
    const ran = await run(means.program, [client.script, ...client.args], { ...target, baseUrl });
    const outcomes = ran.out.map((line) => outcome.parse(JSON.parse(line)));
    const { findings, judged, errors } = await judge(witness.exchanges);
    const version = outcomes.find(({ check }) => check === "end")?.client ?? "";
    return {
      name,
      missing: undefined,
      client: version,
      outcomes: outcomes.filter(({ check }) => check !== "end"),
      findings,
      judged,
      errors: ran.errors + errors,
    };
  } finally {
    await witness.stop();
  }
}

function nothing(name: ClientName, missing: string): Report {
  return { name, missing, client: "", outcomes: [], findings: [], judged: { bodies: 0, frames: 0 }, errors: "" };
}

async function judge(exchanges: readonly Exchange[]): Promise<Pick<Report, "findings" | "judged" | "errors">> {
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-exchanges-"));
  const file = join(folder, "exchanges.json");
  try {
    writeFileSync(file, JSON.stringify(exchanges));
    const { out, errors } = await run(process.execPath, ["conforms.mjs", file], undefined);
    const lines = out.map((line) => verdict.parse(JSON.parse(line)));
    const judged = lines.flatMap((line) => ("counts" in line ? [line.counts] : []))[0];
    if (judged === undefined) throw new Error(`the answers could not be judged: ${errors}`);
    return { judged, errors, findings: lines.flatMap((line) => ("finding" in line ? [line.finding] : [])).filter((one) => !isMeant(one)) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Ran {
  readonly out: readonly string[];
  readonly errors: string;
}

function run(program: string, args: readonly string[], target: Target | undefined): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: CLIENTS_FOLDER,
      env: environment(target),
      stdio: ["ignore", "pipe", "pipe"],
      timeout: RUN_MS_MAX,
    });
    let [out, errors] = ["", ""];
    child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
    child.on("error", reject);
    child.on("close", () => resolve({ out: out.split("\n").filter((line) => line.startsWith("{")), errors }));
  });
}

/** Without what a developer's shell says to such clients: keys, base URLs, proxies, tracing. */
function environment(target: Target | undefined): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(OPENAI|LANGCHAIN|LANGSMITH|LLM|AI)_|_PROXY$/i.test(name));
  return {
    ...Object.fromEntries(kept),
    ...(target === undefined ? {} : { CONFORMANCE_TARGET: JSON.stringify(target) }),
    ...(existsSync(TIKTOKEN_FOLDER) ? { TIKTOKEN_CACHE_DIR: TIKTOKEN_FOLDER } : {}),
    NO_PROXY: "127.0.0.1",
    PYTHONDONTWRITEBYTECODE: "1",
    PYTHONWARNINGS: "ignore",
  };
}
