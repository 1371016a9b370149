/** Installs packages when they are due, and no more of them than are asked for: the development packages are half of all bytes. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a clean installation takes; what lies there of another lock is swept away. */
const CLEAN = { production: ["ci", "--omit=dev", "--include=optional"], all: ["ci", "--include=dev", "--include=optional"] };
/** What adds the development packages to the others, which somebody may be running from. The lock is read, and left as it is. */
const ADD = ["install", "--no-save", "--include=dev", "--include=optional"];

/**
 * @param root the checkout
 * @param extent "production" or "all"
 * @returns false when npm has failed
 */
export function ensureInstalled(root, extent) {
  const hash = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const found = extentFound(root, hash);
  if (found === "all" || found === extent) return true;
  if (!npm(root, found === undefined ? CLEAN[extent] : ADD)) return false;
  writeFileSync(stampIn(root), `${hash} ${extent}`);
  return true;
}

/** Our stamp says what was installed from which lock; npm's own note, written at the end of every installation, tells of later ones by hand. */
function extentFound(root, hash) {
  const [stamped, extent] = readOrEmpty(stampIn(root)).split(" ");
  const noteMs = changedAtMs(join(root, "node_modules", ".package-lock.json"));
  if (stamped === hash && extent !== undefined && noteMs <= changedAtMs(stampIn(root))) return extent;
  if (noteMs === 0 || noteMs < changedAtMs(join(root, "package-lock.json"))) return undefined;
  return hasDevelopment(root) ? "all" : "production";
}

function hasDevelopment(root) {
  const { devDependencies = {} } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  return Object.keys(devDependencies).every((name) => existsSync(join(root, "node_modules", name, "package.json")));
}

function npm(root, args) {
  process.stderr.write(`bailiwick: installing packages (npm ${args[0]})\n`);
  const program = process.env.npm_execpath;
  const options = { cwd: root, stdio: ["ignore", 2, 2] };
  const done = program?.endsWith("js")
    ? spawnSync(process.execPath, [program, ...args], options)
    : spawnSync(`npm ${args.join(" ")}`, { ...options, shell: true });
  return done.status === 0;
}

function stampIn(root) {
  return join(root, "node_modules", ".bailiwick-lock");
}

function readOrEmpty(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

function changedAtMs(path) {
  try {
    return statSync(path).mtimeMs;
  } catch {
    return 0;
  }
}
