/** `bailiwick tenants|projects|keys`: the administration over HTTP, for people and scripts. */
import { readFileSync } from "node:fs";
import { defineCommand, type CommandDef, type SubCommandsDef } from "citty";
import { parse } from "yaml";
import { command } from "./command.ts";

const where = {
  admin: { type: "string", description: "Admin address (or BAILIWICK_ADMIN_URL)", valueHint: "http://127.0.0.1:9090" },
} as const;

const limits = {
  rpm: { type: "string", description: "Requests per minute" },
  tpm: { type: "string", description: "Tokens per minute" },
  concurrency: { type: "string", description: "Requests in flight" },
  budget: { type: "string", description: "Money per calendar month, in the MSP's currency", valueHint: "250.00" },
} as const;

const POLICY = "YAML or JSON file with the rules: a list, or a mapping with policy and uses";

const ADMIN_URL = "http://127.0.0.1:9090";

type Where = { readonly admin?: string | undefined };
type LimitArgs = { readonly [name in keyof typeof limits]?: string | undefined };

/** @param what method and path. Prints the answer as JSON; an error answer goes to standard error and makes the exit code 1. */
async function call(at: Where, what: `${"GET" | "POST" | "PUT" | "DELETE"} /${string}`, body?: unknown): Promise<void> {
  const base = at.admin ?? process.env["BAILIWICK_ADMIN_URL"] ?? ADMIN_URL;
  const key = process.env["BAILIWICK_ADMIN_KEY"];
  if (key === undefined) {
    process.stderr.write("Set BAILIWICK_ADMIN_KEY to the admin key.\n");
    process.exitCode = 1;
    return;
  }
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const [method = "", path = ""] = what.split(" ");
  const response = await fetch(new URL(path, base), {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  }).catch(() => undefined);
  if (response === undefined) {
    process.stderr.write(`Nothing answers at ${base}. Is the gateway running there? Say where with --admin or BAILIWICK_ADMIN_URL.\n`);
    process.exitCode = 1;
    return;
  }
  const text = await response.text();
  (response.ok ? process.stdout : process.stderr).write(`${pretty(text)}\n`);
  if (!response.ok) process.exitCode = 1;
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

const list = (text: string | undefined): string[] | undefined => text?.split(",").map((part) => part.trim());

/** What is no number becomes null, which the gateway refuses by name. */
function limitsIn({ rpm, tpm, concurrency, budget }: LimitArgs): Readonly<Record<string, unknown>> {
  const count = (text: string | undefined): number | undefined => (text === undefined ? undefined : Number(text));
  return { requests_per_minute: count(rpm), tokens_per_minute: count(tpm), concurrency: count(concurrency), budget_per_month: budget };
}

/** Members of a request body; anything but a list goes as it is, for the gateway to judge. */
function policyIn(file: string | undefined): object {
  if (file === undefined) return {};
  const given: unknown = parse(readFileSync(file, "utf8"));
  return typeof given === "object" && given !== null && !Array.isArray(given) ? given : { policy: given };
}

function limit(kind: string): SubCommandsDef[string] {
  return command({
    meta: { description: "Replace the limits; what is left out is without limit" },
    args: { ...where, ...limits, id: { type: "positional", required: true } },
    run: ({ args }) => call(args, `PUT /admin/${kind}/${encodeURIComponent(args.id)}/limits`, limitsIn(args)),
  });
}

const tenants = group("tenants", {
  list: command({ meta: { description: "All tenants" }, args: where, run: ({ args }) => call(args, "GET /admin/tenants") }),
  create: command({
    meta: { description: "Make a tenant of an MSP; without a policy everything is denied" },
    args: {
      ...where,
      ...limits,
      id: { type: "string", required: true },
      msp: { type: "string", required: true },
      name: { type: "string", required: true },
      class: { type: "string", default: "restricted", description: "Class of requests that do not say" },
      policy: { type: "string", description: POLICY, valueHint: "policy.yaml" },
    },
    run: ({ args }) => {
      const given = { id: args.id, msp: args.msp, name: args.name, default_class: args.class, limits: limitsIn(args) };
      return call(args, "POST /admin/tenants", { ...policyIn(args.policy), ...given });
    },
  }),
  policy: command({
    meta: { description: "Replace a tenant's policy; in force at once, or refused with everything that is wrong" },
    args: {
      ...where,
      id: { type: "positional", required: true },
      file: { type: "positional", required: true, description: POLICY },
    },
    run: ({ args }) => call(args, `PUT /admin/tenants/${encodeURIComponent(args.id)}/policy`, policyIn(args.file)),
  }),
  limits: limit("tenants"),
});

const projects = group("projects", {
  list: command({
    meta: { description: "All projects, or a tenant's" },
    args: { ...where, tenant: { type: "string" } },
    run: ({ args }) => call(args, `GET /admin/projects${args.tenant === undefined ? "" : `?tenant=${encodeURIComponent(args.tenant)}`}`),
  }),
  create: command({
    meta: { description: "Make a project of a tenant" },
    args: {
      ...where,
      ...limits,
      id: { type: "string", required: true },
      tenant: { type: "string", required: true },
      name: { type: "string", required: true },
    },
    run: ({ args }) => call(args, "POST /admin/projects", { id: args.id, tenant: args.tenant, name: args.name, limits: limitsIn(args) }),
  }),
  limits: limit("projects"),
});

const keys = group("keys", {
  list: command({
    meta: { description: "All keys, or a project's; never their secrets" },
    args: { ...where, project: { type: "string" } },
    run: ({ args }) => call(args, `GET /admin/keys${args.project === undefined ? "" : `?project=${encodeURIComponent(args.project)}`}`),
  }),
  create: command({
    meta: { description: "Make a key; its secret is shown this once" },
    args: {
      ...where,
      ...limits,
      project: { type: "string", required: true },
      name: { type: "string", required: true },
      expires: { type: "string", description: "RFC 3339 instant" },
      models: { type: "string", description: "Only these models; with commas" },
      cidrs: { type: "string", description: "Only from these ranges; with commas" },
      explain: { type: "boolean", description: "May see routing diagnostics" },
    },
    run: ({ args }) => {
      const { project, name, expires, models, cidrs, explain } = args;
      const scope = { expires_at: expires, models: list(models), cidrs: list(cidrs), explain };
      return call(args, "POST /admin/keys", { project, name, ...scope, limits: limitsIn(args) });
    },
  }),
  revoke: command({
    meta: { description: "Revoke a key: everywhere within five seconds" },
    args: { ...where, id: { type: "positional", required: true } },
    run: ({ args }) => call(args, `DELETE /admin/keys/${encodeURIComponent(args.id)}`),
  }),
  limits: limit("keys"),
});

function group(name: string, subCommands: SubCommandsDef): CommandDef {
  return defineCommand({ meta: { name, description: `Manage ${name}` }, subCommands });
}

export const admin = { tenants, projects, keys };
