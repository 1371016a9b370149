/** What `bailiwick` can be told to do. */
import { readFileSync, writeFileSync } from "node:fs";
import { defineCommand } from "citty";
import { check as checkFile } from "../../cli/check.ts";
import { init } from "../../cli/init.ts";
import { admin } from "./admin-commands.ts";
import { startDemo } from "./demo.ts";
import { fileSource, InvalidConfiguration } from "./estate.ts";
import { serve as serveFile, type Serving } from "./serve.ts";

const config = { type: "string", alias: "c", description: "Configuration file (or BAILIWICK_CONFIG)", valueHint: "bailiwick.yaml" } as const;

const serve = defineCommand({
  meta: { name: "serve", description: "Run the gateway; without a configuration, the demo" },
  args: { config },
  async run({ args }) {
    const file = args.config ?? process.env["BAILIWICK_CONFIG"];
    try {
      untilSignalled(file === undefined ? await startDemo() : announced(await serveFile(fileSource(file), { follow: true })));
    } catch (error) {
      fail(error);
    }
  },
});

const check = defineCommand({
  meta: { name: "check", description: "Validate a configuration: every error at once, with its line" },
  args: { file: { type: "positional", required: false, description: "Configuration file", default: "bailiwick.yaml" } },
  run({ args }) {
    const readFile = (path: string): string => readFileSync(path, "utf8");
    process.exitCode = checkFile(args.file, { readFile, env: process.env, write: (text) => void process.stdout.write(text) });
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

function version(): string {
  const text = readFileSync(new URL("../../../package.json", import.meta.url), "utf8");
  const parsed: unknown = JSON.parse(text);
  return typeof parsed === "object" && parsed !== null && "version" in parsed ? String(parsed.version) : "0";
}

function announced(serving: Serving): Serving {
  for (const { host, port, msp } of serving.listening) process.stderr.write(`listening on http://${host}:${String(port)}${msp === undefined ? "" : ` for ${msp}`}\n`);
  process.stderr.write(`administration and metrics on http://${serving.admin.host}:${String(serving.admin.port)}\n`);
  return serving;
}

/** SIGTERM and SIGINT drain and leave with 0; SIGHUP reads the configuration again. */
function untilSignalled(serving: Pick<Serving, "stop" | "reload">): void {
  let leaving = false;
  const leave = (): void => {
    if (leaving) return;
    leaving = true;
    void serving.stop().then((clean) => process.exit(clean ? 0 : 1));
  };
  process.on("SIGTERM", leave).on("SIGINT", leave);
  process.on("SIGHUP", () => serving.reload());
}

const PROBE_MS = 5_000;

async function get(url: string): Promise<{ status: number; body: string }> {
  const response = await fetch(url, { signal: AbortSignal.timeout(PROBE_MS), redirect: "error" });
  return { status: response.status, body: await response.text() };
}

function fail(error: unknown): void {
  const lines = error instanceof InvalidConfiguration ? error.problems : [error instanceof Error ? error.message : String(error)];
  for (const line of lines) process.stderr.write(`${line}\n`);
  process.exitCode = 1;
  // Whatever was opened before the failure must not keep the process.
  setImmediate(() => process.exit(1));
}
