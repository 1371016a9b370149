/**
 * One command on a fresh clone: installs when it is due, then runs the given script on the Node that the lock file names.
 * Plain JavaScript, for it must run on whatever Node npm itself runs on. Usage: node scripts/ensure.mjs SCRIPT [ARGUMENT…]
 */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { broughtNode, runningMajor } from "../bin/brought-node.mjs";
import { handOver } from "../bin/hand-over.mjs";

const OUTER_MAJOR_MIN = 20;
const INNER_MAJOR_MIN = 26;
const root = dirname(dirname(fileURLToPath(import.meta.url)));
const lock = join(root, "package-lock.json");
const stamp = join(root, "node_modules", ".bailiwick-lock");

function fail(text) {
  process.stderr.write(`bailiwick: ${text}\n`);
  process.exit(1);
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

/** Our stamp names the lock's content; npm's own note, written at the end of every install, tells of installs made by hand. */
function installed(hash) {
  if (readOrEmpty(stamp) === hash) return true;
  return changedAtMs(join(root, "node_modules", ".package-lock.json")) >= changedAtMs(lock);
}

function install() {
  process.stderr.write("bailiwick: installing packages (npm ci)\n");
  const npm = process.env.npm_execpath;
  const options = { cwd: root, stdio: ["ignore", 2, 2] };
  const done = npm?.endsWith("js")
    ? spawnSync(process.execPath, [npm, "ci", "--include=dev", "--include=optional"], options)
    : spawnSync("npm ci --include=dev --include=optional", { ...options, shell: true });
  if (done.status !== 0) fail("npm ci failed; its output is above");
}

function ensureInstalled() {
  const hash = createHash("sha256").update(readFileSync(lock)).digest("hex");
  if (!installed(hash)) install();
  if (readOrEmpty(stamp) !== hash) writeFileSync(stamp, hash);
}

function nodeToUse() {
  const brought = broughtNode();
  if (brought !== undefined) return brought;
  if (runningMajor() >= INNER_MAJOR_MIN) return process.execPath;
  return fail(
    `npm brings no Node for ${process.platform}-${process.arch}; install Node ${INNER_MAJOR_MIN} or newer (this is ${process.versions.node})`,
  );
}

const [script, ...args] = process.argv.slice(2);
if (script === undefined) fail("usage: node scripts/ensure.mjs SCRIPT [ARGUMENT...]");
if (runningMajor() < OUTER_MAJOR_MIN) fail(`needs Node ${OUTER_MAJOR_MIN} or newer to start with; this is Node ${process.versions.node}`);
ensureInstalled();
const node = nodeToUse();
const path = [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter);
handOver(node, [script, ...args], { ...process.env, PATH: path });
