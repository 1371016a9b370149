/**
 * One command on a fresh clone: installs what is due, then runs the given script on the Node that the lock file names.
 * Plain JavaScript, for it must run on whatever Node npm itself runs on. Usage: node scripts/ensure.mjs SCRIPT [ARGUMENT…]
 */
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { broughtNode, runningMajor } from "../bin/brought-node.mjs";
import { handOver } from "../bin/hand-over.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";

const OUTER_MAJOR_MIN = 20;
const INNER_MAJOR_MIN = 26;
const root = dirname(dirname(fileURLToPath(import.meta.url)));

function fail(text) {
  process.stderr.write(`bailiwick: ${text}\n`);
  process.exit(1);
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
// The product runs from its sources with what it depends on; whatever tests, builds or measures it needs the rest.
if (!ensureInstalled(root, script.startsWith("src/") ? "production" : "all")) fail("npm failed; its output is above");
const node = nodeToUse();
const path = [dirname(node), join(root, "node_modules", ".bin"), process.env.PATH].join(delimiter);
handOver(node, [script, ...args], { ...process.env, PATH: path });
