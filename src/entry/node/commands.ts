/** What `bailiwick` can be told to do. What only one command needs is loaded when that command runs. */
import { writeFileSync } from "node:fs";
import { defineCommand } from "citty";
import { version } from "../version.ts";
import { admin } from "./admin-commands.ts";

const config = {
  type: "string",
  alias: "c",
  description: "Configuration file (or BAILIWICK_CONFIG)",
  valueHint: "bailiwick.yaml",
} as const;

const serve = defineCommand({
  meta: { name: "serve", description: "Run the gateway; without a configuration, the demo" },
  args: { config },
  async run({ args }) {
    const { runServe } = await import("./run-serve.ts");
    await runServe(args.config ?? process.env["BAILIWICK_CONFIG"]);
  },
});

const check = defineCommand({
  meta: { name: "check", description: "Validate a configuration: every error at once, with its line" },
  args: { file: { type: "positional", required: false, description: "Configuration file", default: "bailiwick.yaml" } },
  async run({ args }) {
    const { runCheck } = await import("./run-check.ts");
    runCheck(args.file);
  },
});

const initialise = defineCommand({
  meta: { name: "init", description: "Ask running engines what they are and write a commented configuration" },
  args: {
    backend: { type: "string", required: true, description: "URL of a running engine; several with commas" },
    country: { type: "string", description: "Where it stands (ISO 3166-1 alpha-2)" },
    "operator-country": { type: "string", description: "Where its operator is seated" },
    "operator-parents": { type: "string", description: "Countries of everyone who controls the operator, itself included; with commas" },
    context: { type: "string", description: "Context length for models whose engine does not say" },
    out: { type: "string", description: "File to write", default: "bailiwick.yaml" },
    force: { type: "boolean", description: "Overwrite the file" },
  },
  async run({ args }) {
    const { init } = await import("../../cli/init.ts");
    const code = await init({
      backends: args.backend.split(","),
      country: args.country,
      operatorCountry: args["operator-country"],
      operatorParents: args["operator-parents"]?.split(","),
      contextTokensMax: args.context === undefined ? undefined : Number(args.context),
      io: {
        get,
        write: (text) => writeFileSync(args.out, text, { flag: args.force ? "w" : "wx" }),
        note: (text) => void process.stderr.write(text),
      },
    });
    if (code === 0) process.stdout.write(`wrote ${args.out}; now: bailiwick check ${args.out} && bailiwick serve --config ${args.out}\n`);
    process.exitCode = code;
  },
});

export const bailiwick = defineCommand({
  meta: { name: "bailiwick", version: version(), description: "A sovereign, OpenAI-compatible inference gateway" },
  subCommands: { serve, check, init: initialise, ...admin },
});

const PROBE_MS = 5_000;

async function get(url: string): Promise<{ status: number; body: string }> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS), redirect: "error" });
  return { status: response.status, body: await response.text() };
}
