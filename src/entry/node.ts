#!/usr/bin/env node
/** The command line on Node. */
import { runMain } from "citty";
import { bailiwick } from "./node/commands.ts";

await runMain(bailiwick);
