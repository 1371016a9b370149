/** What `bailiwick` can be told to do. What only one command needs is loaded when that command runs. */
import { defineCommand } from "citty";
import { version } from "../version.ts";
import { admin } from "./admin-commands.ts";
import { command } from "./command.ts";

const config = {
  type: "string",
  alias: "c",
  description: "Configuration file (or BAILIWICK_CONFIG)",
  valueHint: "bailiwick.yaml",
} as const;

const serve = command({
  meta: { name: "serve", description: "Run the gateway; without a configuration, the demo" },
  args: {
    config,
    processes: { type: "string", description: "How many processes share the work, limits and ledger", default: "1", valueHint: "N" },
  },
  async run({ args }) {
    if (process.env["BAILIWICK_LANE"] !== undefined && process.send !== undefined) {
      const { runProcess } = await import("./processes/process.ts");
      return runProcess();
    }
    const { runServe } = await import("./run-serve.ts");
    await runServe(args.config ?? process.env["BAILIWICK_CONFIG"], args.processes);
  },
});

const check = command({
  meta: { name: "check", description: "Validate a configuration: every error at once, with its line" },
  args: { file: { type: "positional", required: false, description: "Configuration file", default: "bailiwick.yaml" } },
  async run({ args }) {
    const { runCheck } = await import("./run-check.ts");
    runCheck(args.file);
  },
});

const health = command({
  meta: { name: "health", description: "Ask a running gateway whether it takes requests; exits with 0 when it does" },
  args: { admin: { type: "string", description: "Admin address (or BAILIWICK_ADMIN_URL)", valueHint: "http://127.0.0.1:9090" } },
  async run({ args }) {
    const { runHealth } = await import("./run-health.ts");
    await runHealth(args.admin ?? process.env["BAILIWICK_ADMIN_URL"]);
  },
});

const initialise = command({
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
    const { runInit } = await import("./run-init.ts");
    await runInit({
      backends: args.backend.split(","),
      country: args.country,
      operatorCountry: args["operator-country"],
      operatorParents: args["operator-parents"]?.split(","),
      contextTokensMax: args.context === undefined ? undefined : Number(args.context),
      out: args.out,
      force: args.force === true,
    });
  },
});

export const bailiwick = defineCommand({
  meta: { name: "bailiwick", version: version(), description: "A sovereign, OpenAI-compatible inference gateway" },
  subCommands: { serve, check, health, init: initialise, ...admin },
});
