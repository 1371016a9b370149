/** What an installation brings besides our own code, as the lock file has it: for the bill of materials, the licence check and the package. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ROOT } from "./parts.ts";

/** What has compiled code of its own stays a package; everything else goes into the bundle. */
export const OUTSIDE: readonly string[] = ["better-sqlite3"];

const versions = z.record(z.string(), z.string());

const lockedPackage = z.looseObject({
  version: z.string().optional(),
  license: z.string().optional(),
  integrity: z.string().optional(),
  dependencies: versions.optional(),
  dev: z.boolean().optional(),
  /** Neither a development package nor one of production: at most types that a package of production names as optional peers. */
  devOptional: z.boolean().optional(),
});
export type LockedPackage = z.infer<typeof lockedPackage>;

const lockFile = z.looseObject({ lockfileVersion: z.literal(3), packages: z.record(z.string(), lockedPackage) });
export type Lock = z.infer<typeof lockFile>;

const manifest = z.looseObject({
  name: z.string(),
  version: z.string(),
  files: z.array(z.string()),
  dependencies: versions,
  optionalDependencies: versions,
});
export type Manifest = z.infer<typeof manifest>;

/** A package at its place: "node_modules/a/node_modules/b" is b. */
export interface Placed extends LockedPackage {
  readonly place: string;
  readonly name: string;
}

/** @throws ZodError for a lock of another format */
export function readLock(root = ROOT): Lock {
  return lockFile.parse(readJson(join(root, "package-lock.json")));
}

export function readManifest(root = ROOT): Manifest {
  return manifest.parse(readJson(join(root, "package.json")));
}

/** Everything that the product depends on, directly or not, in the order of places. */
export function productionTree(lock: Lock): readonly Placed[] {
  return placed(lock).filter(({ dev, devOptional }) => dev !== true && devOptional !== true);
}

/** What an installation of the packed package brings: what stays outside of the bundle with all that it depends on, and the Nodes. */
export function installedTree(lock: Lock, { optionalDependencies }: Manifest): readonly Placed[] {
  const all = placed(lock);
  const wanted = [...OUTSIDE, ...Object.keys(optionalDependencies)];
  const found = new Map<string, Placed>();
  for (let name = wanted.shift(); name !== undefined; name = wanted.shift()) {
    const entry = all.find(({ place }) => place === `node_modules/${name}`);
    if (entry === undefined) throw new Error(`the lock has no ${name}`);
    if (found.has(name)) continue;
    found.set(name, entry);
    wanted.push(...Object.keys(entry.dependencies ?? {}));
  }
  return [...found.values()];
}

function placed(lock: Lock): readonly Placed[] {
  return Object.entries(lock.packages).flatMap(([place, entry]) =>
    place === "" ? [] : [{ ...entry, place, name: place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length) }],
  );
}

function readJson(path: string): unknown {
  return JSON.parse(readFileSync(path, "utf8"));
}
