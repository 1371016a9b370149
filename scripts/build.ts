/**
 * Compiles src/ to dist/ for the packed package, since Node strips no types below node_modules. Bundled rather than file by file: finding,
 * reading and linking many small modules is most of a start. Packages stay packages, so that npm can mend them, save those in INLINED.
 */
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { rolldown } from "rolldown";
import { ROOT } from "./parts.ts";

/** Hundreds of modules each, of which a few are used: importing them whole costs more than all the rest of a start. */
const INLINED = ["drizzle-orm"] as const;

/** Every program and every thread of its own. They lie in one folder, for a thread's file is named relative to the file that starts it. */
const INPUT = { node: "src/entry/node.ts", "fold-worker": "src/storage/fold-worker.ts" } as const;

const dist = join(ROOT, "dist");
/** Only a build that went well takes the place of the last one. */
const building = join(ROOT, ".cache", `dist-${String(process.pid)}`);

const bundle = await rolldown({ cwd: ROOT, input: INPUT, platform: "node", external: isPackage });
try {
  const { output } = await bundle.write({
    dir: join(building, "entry"),
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "[name]-[hash].js",
    comments: { legal: true, annotation: false, jsdoc: false },
    banner: INLINED.map(notice).join("\n"),
  });
  const bytes = output.reduce((sum, file) => sum + (file.type === "chunk" ? Buffer.byteLength(file.code) : 0), 0);
  process.stdout.write(`dist: ${String(output.length)} files, ${String(Math.round(bytes / 1024))} KiB\n`);
} finally {
  await bundle.close();
}
for (const name of Object.keys(INPUT))
  if (!existsSync(join(building, "entry", `${name}.js`))) throw new Error(`entry/${name}.js was not made`);
rmSync(dist, { recursive: true, force: true });
renameSync(building, dist);

/** An inlined package's own optional drivers are never reached, and what it imports of others stays theirs. */
function isPackage(id: string): boolean {
  if (/^(\.|\/|[A-Za-z]:[\\/])/.test(id)) return false;
  return !INLINED.some((name) => id === name || id.startsWith(`${name}/`));
}

/** Whose work is inside, and under which licence. */
function notice(name: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(ROOT, "node_modules", name, "package.json"), "utf8"));
  if (typeof manifest !== "object" || manifest === null || !("version" in manifest) || !("license" in manifest))
    throw new Error(`${name} does not name its version and its licence`);
  return `/*! Contains parts of ${name} ${String(manifest.version)}, licensed under ${String(manifest.license)}. */`;
}
