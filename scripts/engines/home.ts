/** Where the real engines live: a folder outside the checkout, so that a fresh clone finds what an earlier one installed. */
import { homedir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../parts.ts";

const CACHE =
  process.env["BAILIWICK_ENGINES_CACHE"] ?? join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "bailiwick-engines");

export const HOME = {
  cache: CACHE,
  vllm: join(CACHE, "vllm"),
  triton: join(CACHE, "triton"),
  models: join(CACHE, "models"),
  standIns: join(CACHE, "stand-ins"),
  logs: join(CACHE, "logs"),
  running: join(CACHE, "running.json"),
  lock: join(CACHE, "lock"),
} as const;

/** What the repository itself brings: recipes beside this file, Triton's models among the tests that need them. */
export const RECIPES = join(ROOT, "scripts", "engines");
export const STAND_INS = join(ROOT, "test", "engines", "triton");

/** Something that this machine lacks; said in one line, without a stack. */
export class Missing extends Error {}
