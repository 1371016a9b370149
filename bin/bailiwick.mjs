#!/usr/bin/env node
/** The command of the packed package: makes sure of the runtime before anything else is loaded, then starts the gateway's entry. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { broughtNode, runningMajor } from "./brought-node.mjs";
import { handOver } from "./hand-over.mjs";

const MAJOR_MIN = 24;
const source = new URL("../src/entry/node.ts", import.meta.url); // never in the package, so it means a checkout
const compiled = new URL("../dist/entry/node.js", import.meta.url);

if (runningMajor() < MAJOR_MIN) runOnBroughtNode();
else if (existsSync(source)) await import(source.href);
else if (existsSync(compiled)) await import(compiled.href);
else fail("the package was packed without being built; pack it with `npm run package`");

function runOnBroughtNode() {
  const brought = broughtNode();
  if (brought !== undefined && process.execPath !== brought) {
    handOver(brought, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], process.env);
    return;
  }
  fail(
    `needs Node ${MAJOR_MIN} or newer; this is Node ${process.versions.node}, and npm brought no newer one for ${process.platform}-${process.arch}.\n` +
      `Install Node ${MAJOR_MIN} or newer, or reinstall with optional dependencies.`,
  );
}

function fail(text) {
  process.stderr.write(`bailiwick: ${text}\n`);
  process.exit(1);
}
