/** Which engines run, with which flags: what a person would type to start each, as data. */
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, cpSync, existsSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { said } from "./command.ts";
import { HOME, RECIPES, STAND_INS } from "./home.ts";
import type { Python } from "./python.ts";

/** Names the engines have here; the tests ask for them by these. */
export const ENGINE_NAMES = ["vllm-chat", "vllm-embed", "vllm-rerank", "triton"] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

export interface Order {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Answers 200 when the engine serves. */
  readonly readyPath: string;
}

/** What each vLLM serves, and under which name. */
export const SERVED = { "vllm-chat": "tiny-llama", "vllm-embed": "tiny-embed", "vllm-rerank": "tiny-rerank" } as const;

/** Loaded at start; ensemble brings the three that it is made of. */
export const TRITON_LOADED = [
  ...(["vllm_model", "tensorrt_llm_bls", "bls_accumulating"] as const),
  ...(["ensemble", "llmapi", "embed_text", "embed_ids"] as const),
];

const VLLM_ENV = {
  // No calls home, and nothing is looked for on a model hub.
  HF_HUB_OFFLINE: "1",
  VLLM_NO_USAGE_STATS: "1",
  DO_NOT_TRACK: "1",
  VLLM_TARGET_DEVICE: "cpu",
  // One thread each: four engines and a gateway share what may be two cores.
  VLLM_CPU_OMP_THREADS_BIND: "nobind",
  OMP_NUM_THREADS: "1",
  // Without this the first request for log probabilities compiles a kernel for more than a minute.
  TORCHDYNAMO_DISABLE: "1",
  // One process less for each server, and a third less work at start.
  VLLM_ENABLE_V1_MULTIPROCESSING: "0",
  // Routes to put it to sleep, which tests do.
  VLLM_SERVER_DEV_MODE: "1",
  VLLM_CACHE_ROOT: join(HOME.cache, "vllm-cache"),
  VLLM_CONFIG_ROOT: join(HOME.cache, "vllm-config"),
};

/** 64 MiB hold 131,072 tokens of the largest; the share is one of main memory, whatever its name, and what it would take is really touched. */
const MEMORY = ["--kv-cache-memory-bytes", "64M", "--gpu-memory-utilization", "0.1"];
const COMMON = ["--enforce-eager", "--uvicorn-log-level", "warning", "--distributed-executor-backend", "uni", ...MEMORY];
const CHAT = [
  ...["--dtype", "bfloat16", "--max-model-len", "4096", "--max-num-seqs", "32"],
  ...["--enable-prompt-tokens-details", "--enable-request-id-headers", "--enable-server-load-tracking"],
  ...["--enable-auto-tool-choice", "--tool-call-parser", "hermes"],
];
const POOLING = ["--runner", "pooling"];

export function orderOf(name: EngineName, port: number, python: Python): Order {
  return name === "triton" ? triton(port, python) : vllm(name, port);
}

function vllm(name: keyof typeof SERVED, port: number): Order {
  const served = SERVED[name];
  const own = name === "vllm-chat" ? CHAT : POOLING;
  const address = ["--served-model-name", served, "--host", "127.0.0.1", "--port", String(port)];
  const bin = join(HOME.vllm, "bin");
  return {
    program: join(bin, "vllm"),
    args: ["serve", join(HOME.models, served), ...address, ...COMMON, ...own],
    env: { ...process.env, ...VLLM_ENV, PATH: `${bin}:${process.env["PATH"] ?? ""}` },
    readyPath: "/health",
  };
}

/** Changes when an engine would be started in another way, or Triton with other models: one that runs since before is started anew. */
export function recipeOf(name: EngineName): string {
  const hash = createHash("sha256").update(readFileSync(import.meta.filename));
  if (name !== "triton") hash.update(readFileSync(join(RECIPES, "tiny_models.py")));
  const folder = STAND_INS;
  const files =
    name === "triton" ? readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => /\.(py|pbtxt)$/.test(file)) : [];
  for (const file of files.sort()) hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest("hex");
}

/** Triton's metrics are on the port after its own. */
function triton(port: number, python: Python): Order {
  const bin = join(HOME.triton, "bin");
  const { site, dist } = tritonFolders();
  const address = (what: string, at: number): string[] => [`--${what}-address=127.0.0.1`, `--${what}-port=${at}`];
  return {
    program: join(dist, "bin", "tritonserver"),
    args: [
      ...[`--model-repository=${join(HOME.standIns, "models")}`, `--backend-directory=${join(dist, "backends")}`, "--id=bailiwick-engines"],
      ...[...address("http", port), ...address("metrics", port + 1), "--allow-grpc=false", "--exit-timeout-secs=5"],
      ...["--model-control-mode=explicit", ...TRITON_LOADED.map((model) => `--load-model=${model}`)],
      // Without this every model is started twice.
      "--disable-auto-complete-config",
      `--backend-config=python,shm-region-prefix-name=bailiwick-${port}`,
    ],
    env: {
      ...process.env,
      // The models run in a Python that is linked into their stub: it must be the one whose standard library it finds first on PATH.
      LD_LIBRARY_PATH: [python.libraries, join(site, "nvidia_pytriton.libs"), process.env["LD_LIBRARY_PATH"]]
        .filter((folder) => folder !== undefined && folder !== "")
        .join(":"),
      PATH: `${bin}:${process.env["PATH"] ?? ""}`,
      OPENBLAS_NUM_THREADS: "1",
      PYTHONDONTWRITEBYTECODE: "1",
    },
    readyPath: "/v2/health/ready",
  };
}

interface TritonFolders {
  readonly site: string;
  readonly dist: string;
}

function tritonFolders(): TritonFolders {
  const site = said(join(HOME.triton, "bin", "python"), ["-c", 'import sysconfig; print(sysconfig.get_path("purelib"))']) ?? "";
  return { site, dist: join(site, "pytriton", "tritonserver") };
}

/** What must lie in its place before an engine starts. */
export function prepare(name: EngineName, python: Python): void {
  if (name !== "triton") return;
  placeStub(tritonFolders().dist, python);
  // A copy: Python leaves compiled files beside what it runs, and the checkout is to stay as it is.
  rmSync(HOME.standIns, { recursive: true, force: true });
  cpSync(STAND_INS, HOME.standIns, { recursive: true });
}

/** The wheel keeps a stub for each Python; the backend looks for one, beside itself. */
function placeStub(dist: string, { version }: Python): void {
  const minor = version.split(".").slice(0, 2).join(".");
  const from = join(dist, "python_backend_stubs", minor, "triton_python_backend_stub");
  const to = join(dist, "backends", "python", "triton_python_backend_stub");
  if (existsSync(to) && readFileSync(to).equals(readFileSync(from))) return;
  copyFileSync(from, to);
  chmodSync(to, 0o755);
}
