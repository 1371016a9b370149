/**
 * `npm run package`: the archive that is published. It is laid out in a folder of its own, for its package.json is another than the
 * checkout's: what the bundle contains is no dependency any more, and every package that an installation still brings is named by its hash.
 * The same commit gives the same bytes. Usage: node scripts/package.ts [--out FOLDER]
 */
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { npm } from "./npm.ts";
import { ROOT } from "./parts.ts";
import { installedTree, OUTSIDE, readLock, readManifest, type Lock, type Manifest } from "./production-tree.ts";
import { billOfMaterials } from "./sbom.ts";

const { values } = parseArgs({ options: { out: { type: "string", default: ROOT } } });
const stage = join(ROOT, ".cache", `package-${String(process.pid)}`);

try {
  lay();
  build();
  const out = resolve(values.out);
  mkdirSync(out, { recursive: true });
  process.stdout.write(`${join(out, npm(["pack", stage, "--ignore-scripts", "--silent", "--pack-destination", out]).trim())}\n`);
} finally {
  rmSync(stage, { recursive: true, force: true });
}

function build(): void {
  const done = spawnSync(process.execPath, [join(ROOT, "scripts", "build.ts"), "--out", join(stage, "dist")], {
    cwd: ROOT,
    stdio: ["ignore", 2, 2],
  });
  if (done.status !== 0) throw new Error("scripts/build.ts failed");
}

function lay(): void {
  const manifest = readManifest();
  const lock = readLock();
  mkdirSync(stage, { recursive: true });
  // The bundle is made for this package alone: whatever lies in dist/ may be of another day.
  for (const part of manifest.files.filter((name) => name !== "dist")) cpSync(join(ROOT, part), join(stage, part), { recursive: true });
  const shipped = shippedManifest(manifest);
  write("package.json", shipped);
  write("npm-shrinkwrap.json", shrinkwrap(shipped, lock, manifest));
  write("sbom.cdx.json", billOfMaterials(lock));
}

/** Nothing of the checkout: no scripts, no development packages, and of the dependencies those that are not inside. */
function shippedManifest(manifest: Manifest): object {
  const { dependencies, files: _, scripts: __, devDependencies: ___, private: ____, ...rest } = manifest;
  return { ...rest, dependencies: Object.fromEntries(Object.entries(dependencies).filter(([name]) => OUTSIDE.includes(name))) };
}

/** What npm installs beside it, at these versions and with these hashes. */
function shrinkwrap(shipped: object, lock: Lock, manifest: Manifest): object {
  const packages = installedTree(lock, manifest).map(({ place, name: _, ...entry }) => [place, entry] as const);
  const { name, version } = manifest;
  return {
    name,
    version,
    lockfileVersion: lock.lockfileVersion,
    requires: true,
    packages: { "": shipped, ...Object.fromEntries(packages) },
  };
}

function write(name: string, content: object): void {
  writeFileSync(join(stage, name), `${JSON.stringify(content, null, 2)}\n`);
}
