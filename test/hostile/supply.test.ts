/** #50: what an installation runs that nobody here has written. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { z } from "zod";

const ROOT = join(import.meta.dirname, "..", "..");
const lock = z.object({
  packages: z.record(
    z.string(),
    z.object({
      integrity: z.string().optional(),
      resolved: z.string().optional(),
      link: z.boolean().optional(),
      dev: z.boolean().optional(),
    }),
  ),
});
const manifest = z.object({ scripts: z.record(z.string(), z.string()), dependencies: z.record(z.string(), z.string()) });

const read = (name: string): unknown => JSON.parse(readFileSync(join(ROOT, name), "utf8"));

it("#50 every package of the lock is named by its hash, and none comes from a repository or an open URL", () => {
  const packages = Object.entries(lock.parse(read("package-lock.json")).packages).filter(([path]) => path !== "");
  expect(packages.length).toBeGreaterThan(100);
  const odd = packages.filter(
    ([, { integrity, resolved = "" }]) => integrity?.startsWith("sha512-") !== true || /^git|^http:/.test(resolved),
  );
  expect(odd.map(([path]) => path)).toEqual([]);
});

it("#50 nothing runs on an installation: no script of ours, and none of others", () => {
  const { scripts, dependencies } = manifest.parse(read("package.json"));
  expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([]);
  expect(readFileSync(join(ROOT, ".npmrc"), "utf8")).toMatch(/^ignore-scripts=true$/m);
  expect(Object.entries(dependencies).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(version))).toEqual([]);
});
