/** `bailiwick tenants|projects|keys`: the administration over HTTP, for people and scripts. */
import { defineCommand, type CommandDef, type SubCommandsDef } from "citty";

const where = {
  admin: { type: "string", description: "Admin address (or BAILIWICK_ADMIN_URL)", valueHint: "http://127.0.0.1:9090" },
} as const;

const ADMIN_URL = "http://127.0.0.1:9090";

type Where = { readonly admin?: string | undefined };

/** Prints the answer as JSON; an error answer goes to standard error and makes the exit code 1. */
async function call(at: Where, method: "GET" | "POST" | "DELETE", path: string, body?: unknown): Promise<void> {
  const base = at.admin ?? process.env["BAILIWICK_ADMIN_URL"] ?? ADMIN_URL;
  const key = process.env["BAILIWICK_ADMIN_KEY"];
  if (key === undefined) {
    process.stderr.write("Set BAILIWICK_ADMIN_KEY to the admin key.\n");
    process.exitCode = 1;
    return;
  }
  const headers = { authorization: `Bearer ${key}`, "content-type": "application/json" };
  const response = await fetch(new URL(path, base), { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
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

const tenants = group("tenants", {
  list: defineCommand({ meta: { description: "All tenants" }, args: where, run: ({ args }) => call(args, "GET", "/admin/tenants") }),
  create: defineCommand({
    meta: { description: "Make a tenant of an MSP" },
    args: {
      ...where,
      id: { type: "string", required: true },
      msp: { type: "string", required: true },
      name: { type: "string", required: true },
      class: { type: "string", default: "restricted", description: "Class of requests that do not say" },
    },
    run: ({ args }) => call(args, "POST", "/admin/tenants", { id: args.id, msp: args.msp, name: args.name, default_class: args.class }),
  }),
});

const projects = group("projects", {
  list: defineCommand({
    meta: { description: "All projects, or a tenant's" },
    args: { ...where, tenant: { type: "string" } },
    run: ({ args }) => call(args, "GET", `/admin/projects${args.tenant === undefined ? "" : `?tenant=${encodeURIComponent(args.tenant)}`}`),
  }),
  create: defineCommand({
    meta: { description: "Make a project of a tenant" },
    args: { ...where, id: { type: "string", required: true }, tenant: { type: "string", required: true }, name: { type: "string", required: true } },
    run: ({ args }) => call(args, "POST", "/admin/projects", { id: args.id, tenant: args.tenant, name: args.name }),
  }),
});

const keys = group("keys", {
  list: defineCommand({
    meta: { description: "All keys, or a project's; never their secrets" },
    args: { ...where, project: { type: "string" } },
    run: ({ args }) => call(args, "GET", `/admin/keys${args.project === undefined ? "" : `?project=${encodeURIComponent(args.project)}`}`),
  }),
  create: defineCommand({
    meta: { description: "Make a key; its secret is shown this once" },
    args: {
      ...where,
      project: { type: "string", required: true },
      name: { type: "string", required: true },
      expires: { type: "string", description: "RFC 3339 instant" },
      models: { type: "string", description: "Only these models; with commas" },
      cidrs: { type: "string", description: "Only from these ranges; with commas" },
      explain: { type: "boolean", description: "May see routing diagnostics" },
    },
    run: ({ args }) =>
      call(args, "POST", "/admin/keys", {
        project: args.project,
        name: args.name,
        expires_at: args.expires,
        models: list(args.models),
        cidrs: list(args.cidrs),
        explain: args.explain,
      }),
  }),
  revoke: defineCommand({
    meta: { description: "Revoke a key: everywhere within five seconds" },
    args: { ...where, id: { type: "positional", required: true } },
    run: ({ args }) => call(args, "DELETE", `/admin/keys/${encodeURIComponent(args.id)}`),
  }),
});

function group(name: string, subCommands: SubCommandsDef): CommandDef {
  return defineCommand({ meta: { name, description: `Manage ${name}` }, subCommands });
}

export const admin = { tenants, projects, keys };
