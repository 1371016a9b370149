/** The rules of .dependency-cruiser.cjs, each against an import that it must find, and against those that it must let pass. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cruise } from "dependency-cruiser";
import extractOptions from "dependency-cruiser/config-utl/extract-depcruise-options";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const ROOT = join(import.meta.dirname, "..", "..");

/** rule -> file -> what it imports, in the form "file > import > import": a chain plants a file for each step. */
const PLANTED: Readonly<Record<string, string>> = {
  "no-cycles": "src/gate/egg.ts > src/gate/hen.ts > src/gate/egg.ts",
  "no-orphans": "src/gate/forgotten.ts",
  "nothing-unresolved": "src/gate/astray.ts > ./nowhere.ts",
  "domain-imports-nothing": "src/domain/curious.ts > src/bounds.ts",
  "core-sees-core": "src/admission/curious.ts > src/stages/known.ts",
  "core-knows-no-runtime": "src/metering/reader.ts > node:fs",
  "core-knows-no-package": "src/openai/packed.ts > lru-cache",
  "yaml-in-config": "src/policies/reader.ts > yaml",
  "law-knows-no-taste": "src/policies/tasting.ts > src/routing/known.ts",
  "taste-knows-no-law": "src/routing/judging.ts > src/policies/known.ts",
  "stages-see-ports": "src/stages/dialling.ts > src/transport/known.ts",
  "stages-know-no-runtime": "src/gateway.ts > node:http",
  "leaves-see-seams": "src/storage/calling.ts > src/openai/known.ts",
  "backends-see-the-wire": "src/backends/choosing.ts > src/routing/known.ts",
  "gate-sees-admission": "src/gate/pricing.ts > src/metering/known.ts",
  "leaves-are-strangers": "src/telemetry/storing.ts > src/storage/known.ts",
  "law-mints": "src/routing/minting.ts > src/domain/clearance.ts",
  "hono-at-the-edge": "src/stages/framed.ts > hono",
  "sockets-in-transport": "src/backends/dialling.ts > node:net",
  "nobody-sees-entry": "src/gate/waking.ts > src/entry/known.ts",
  "simulator-stands-apart": "src/simulator/copying.ts > src/openai/known.ts",
  "launcher-launches": "src/simulator/main.ts > src/openai/known.ts",
  "product-knows-no-test": "src/gate/tested.ts > test/known.ts",
  "sdk-is-for-tests": "src/cli/asking.ts > openai",
  "worker-never-reaches-node": "src/entry/worker.ts > src/cli/bridge.ts > better-sqlite3",
  "platform-in-worker": "src/gate/bound.ts > cloudflare:workers",
  "node-never-reaches-worker": "src/entry/node.ts > src/cli/bindings.ts > src/entry/worker-bindings.ts",
};

const INNOCENT = [
  "src/policies/lawful.ts > src/domain/known.ts",
  "src/config/reader.ts > yaml",
  "src/config/checker.ts > zod",
  "src/backends/speaking.ts > src/openai/known.ts",
  "src/gate/reckoning.ts > src/admission/known.ts",
  "src/storage/opening.ts > node:fs",
  "src/transport/checking.ts > src/domain/clearance.ts",
  "src/transport/sending.ts > node:net",
  "src/stages/joining.ts > src/policies/known.ts",
  "src/stages/weighing.ts > src/routing/known.ts",
  "src/cli/starting.ts > src/entry/known.ts",
  "src/routes/serving.ts > hono",
  "src/simulator/measured.ts > src/bounds.ts",
] as const;

let folder = "";
let found: readonly { readonly rule: string; readonly from: string }[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "bailiwick-imports-"));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"), "junction");
  for (const chain of [...Object.values(PLANTED), ...INNOCENT]) plant(chain.split(" > "));
  const { tsConfig: _, ...options } = await extractOptions(join(ROOT, ".dependency-cruiser.cjs"));
  const { output } = await cruise(["src"], { ...options, baseDir: folder });
  if (typeof output === "string") throw new Error(output);
  found = output.summary.violations.map(({ rule, from }) => ({ rule: rule.name, from }));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Writes every file of a chain that is not there yet. Where one is planted twice, it imports both. */
function plant([path = "", imported, ...rest]: readonly string[]): void {
  const ours = /^(src|test)\//;
  if (!ours.test(path)) return;
  mkdirSync(join(folder, dirname(path)), { recursive: true });
  const specifier = imported !== undefined && ours.test(imported) ? `${"../".repeat(path.split("/").length - 1)}${imported}` : imported;
  writeFileSync(join(folder, path), `${specifier === undefined ? "" : `import "${specifier}";\n`}export {};\n`, { flag: "a" });
  const next = imported === undefined ? [] : [imported, ...rest];
  if (next.length > 0) plant(next);
}

const breachesOf = (path: string): readonly string[] => found.flatMap(({ rule, from }) => (from === path ? [rule] : []));
const first = (chain: string): string => chain.split(" > ")[0] ?? "";

describe("each rule", () => {
  it.each(Object.entries(PLANTED))("%s finds %s", (rule, chain) => {
    expect(breachesOf(first(chain))).toContain(rule);
  });

  it.each(INNOCENT)("lets pass %s", (chain) => {
    expect(breachesOf(first(chain))).toEqual([]);
  });

  it("has its plant", async () => {
    const { ruleSet } = await extractOptions(join(ROOT, ".dependency-cruiser.cjs"));
    expect(ruleSet?.forbidden?.map(({ name }) => name).sort()).toEqual(Object.keys(PLANTED).sort());
  });
});
