#!/usr/bin/env node
/** The command line on Node. What V8 made of the code at the last start is kept beside it, since compiling is a fifth of a start. */
import { enableCompileCache } from "node:module";
import { fileURLToPath } from "node:url";

// Beside the code and nowhere else: whoever may write there could change the code itself. Where nobody may write, it is done without.
enableCompileCache(fileURLToPath(new URL("../../.cache/compiled", import.meta.url)));

const { runMain } = await import("citty");
const { bailiwick } = await import("./node/commands.ts");
await runMain(bailiwick);
