/**
 * Compiles src/ to dist/ for the packed package, since Node strips no types below node_modules. One bundle with the packages inside, at the
 * versions that the lock pins: finding, reading and linking hundreds of small modules is three quarters of a start.
 * Usage: node scripts/build.ts [--out FOLDER]
 */
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { rolldown, type OutputChunk } from "rolldown";
import { z } from "zod";
import { ROOT } from "./parts.ts";
import { OUTSIDE } from "./production-tree.ts";

/** Every program and every thread of its own. They lie in one folder, for a thread's file is named relative to the file that starts it. */
const INPUT = { node: "src/entry/node.ts", "fold-worker": "src/storage/fold-worker.ts" } as const;

const PACKAGE_FOLDER = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+/;
const NOTICE = /^(licen[cs]e|copying|notice)/i;

const manifest = z.object({ name: z.string(), version: z.string(), license: z.string() });

const { values } = parseArgs({ options: { out: { type: "string", default: join(ROOT, "dist") } } });
const dist = resolve(values.out);
/** Only a build that went well takes the place of the last one. */
const building = join(ROOT, ".cache", `dist-${String(process.pid)}`);

try {
  const chunks = await bundled();
  writeFileSync(join(building, "LICENSES.txt"), notices(chunks));
  rmSync(dist, { recursive: true, force: true });
  renameSync(building, dist);
  const bytes = chunks.reduce((sum, { code }) => sum + Buffer.byteLength(code), 0);
  process.stdout.write(`dist: ${String(chunks.length)} files, ${String(Math.round(bytes / 1024))} KiB\n`);
} finally {
  rmSync(building, { recursive: true, force: true });
}

async function bundled(): Promise<readonly OutputChunk[]> {
  const bundle = await rolldown({ cwd: ROOT, input: INPUT, platform: "node", external: (id) => isBuiltin(id) || OUTSIDE.includes(id) });
  try {
    const { output } = await bundle.write({
      dir: join(building, "entry"),
      format: "esm",
      entryFileNames: "[name].js",
      chunkFileNames: "[name]-[hash].js",
      comments: { legal: true, annotation: false, jsdoc: false },
    });
    return output.filter((file) => file.type === "chunk");
  } finally {
    await bundle.close();
  }
}

/** Whose work is inside, and under which terms: licences ask for this with every copy. */
function notices(chunks: readonly OutputChunk[]): string {
  const folders = new Set(chunks.flatMap(({ moduleIds }) => moduleIds.flatMap((id) => PACKAGE_FOLDER.exec(id)?.[0] ?? [])));
  return [...folders].sort().map(noticeOf).join("\n");
}

function noticeOf(folder: string): string {
  const { name, version, license } = manifest.parse(JSON.parse(readFileSync(join(folder, "package.json"), "utf8")));
  const texts = readdirSync(folder).filter((file) => NOTICE.test(file));
  // One that ships no text of its own has the licence of this package, whose text lies beside.
  if (texts.length === 0 && !(license === "Apache-2.0" && existsSync(join(ROOT, "LICENSE"))))
    throw new Error(`${name} ships no licence text`);
  return [`${name} ${version} (${license})\n`, ...texts.map((file) => readFileSync(join(folder, file), "utf8"))].join("\n");
}
