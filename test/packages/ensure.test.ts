/** What one command on a fresh clone installs, and when it does not: a script in npm's place writes down what it is told. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ROOT } from "../../scripts/parts.ts";

const CI_PRODUCTION = "ci --omit=dev --include=optional";
const CI_ALL = "ci --include=dev --include=optional";
const ADD = "install --no-save --include=dev --include=optional";

/** Does to node_modules what npm does, as far as it is looked at. */
const NPM = `
  import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
  const args = process.argv.slice(2);
  appendFileSync("told", args.join(" ") + "\\n");
  if (process.env.NPM_FAILS) process.exit(1);
  if (args[0] === "ci") rmSync("node_modules", { recursive: true, force: true });
  mkdirSync("node_modules/product", { recursive: true });
  writeFileSync("node_modules/product/package.json", "{}");
  if (args.includes("--include=dev")) { mkdirSync("node_modules/tester", { recursive: true }); writeFileSync("node_modules/tester/package.json", "{}"); }
  writeFileSync("node_modules/.package-lock.json", "{}");
`;

let root = "";
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "bailiwick-ensure-"));
  writeFileSync(join(root, "npm.js"), NPM);
  writeFileSync(join(root, "package.json"), JSON.stringify({ type: "module", devDependencies: { tester: "1" } }));
  writeFileSync(join(root, "package-lock.json"), "first");
  writeFileSync(join(root, "told"), "");
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function ensure(extent: "production" | "all", env: Readonly<Record<string, string>> = {}): boolean {
  const script = `import { ensureInstalled } from ${JSON.stringify(join(ROOT, "scripts", "ensure-installed.mjs"))};
    process.exit(ensureInstalled(process.cwd(), ${JSON.stringify(extent)}) ? 0 : 7);`;
  const options = { cwd: root, encoding: "utf8", env: { ...process.env, npm_execpath: join(root, "npm.js"), ...env } } as const;
  const { status, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", script], options);
  expect(stderr.replaceAll(/^bailiwick: installing packages \(npm \w+\)\n/gm, "")).toBe("");
  return status === 0;
}

const told = (): readonly string[] => readFileSync(join(root, "told"), "utf8").split("\n").slice(0, -1);

/** By hand, somebody without us. */
function npm(args: string): void {
  spawnSync(process.execPath, [join(root, "npm.js"), ...args.split(" ")], { cwd: root });
  writeFileSync(join(root, "told"), "");
}

it("start on a fresh clone leaves out what only development needs, and does nothing the second time", () => {
  expect([ensure("production"), ensure("production")]).toEqual([true, true]);
  expect(told()).toEqual([CI_PRODUCTION]);
});

it("start after test installs nothing", () => {
  ensure("all");
  ensure("production");
  expect(told()).toEqual([CI_ALL]);
});

it("test after start adds what is missing, and sweeps nothing away from under what runs", () => {
  ensure("production");
  ensure("all");
  ensure("all");
  ensure("production");
  expect(told()).toEqual([CI_PRODUCTION, ADD]);
});

it("a lock that has changed installs anew", () => {
  ensure("all");
  writeFileSync(join(root, "package-lock.json"), "second");
  const later = new Date(Date.now() + 10_000);
  utimesSync(join(root, "package-lock.json"), later, later);
  ensure("production");
  expect(told()).toEqual([CI_ALL, CI_PRODUCTION]);
});

it.each([
  ["ci", CI_ALL],
  ["ci", CI_PRODUCTION],
])("an installation by hand is believed: npm %s", (_, args) => {
  npm(args);
  ensure("production");
  expect(told()).toEqual([]);
  ensure("all");
  expect(told()).toEqual(args === CI_ALL ? [] : [ADD]);
});

it("what somebody took away by hand later is noticed", () => {
  ensure("all");
  rmSync(join(root, "node_modules", "tester"), { recursive: true });
  const later = new Date(Date.now() + 10_000);
  utimesSync(join(root, "node_modules", ".package-lock.json"), later, later);
  ensure("all");
  expect(told()).toEqual([CI_ALL, ADD]);
});

it("what npm did not finish is not taken for installed", () => {
  expect(ensure("production", { NPM_FAILS: "1" })).toBe(false);
  mkdirSync(join(root, "node_modules"), { recursive: true });
  expect(ensure("production")).toBe(true);
  expect(told()).toEqual([CI_PRODUCTION, CI_PRODUCTION]);
});
