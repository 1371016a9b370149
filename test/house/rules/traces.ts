/** What a working place leaves behind and a repository must not hold. */
import type { Breach, Source } from "./source.ts";

const UNFINISHED = new RegExp(`\\b(${["TO" + "DO", "FIX" + "ME", "X" + "XX"].join("|")})\\b`);
/** Absolute paths into somebody's home or workplace. */
const MACHINE = /(?<![\w.:~/-])\/(?:home|root|work|Users|mnt|media)\/[\w.-]+/;
/** A registry that only some machines can reach; the lock file names none at all. */
const REGISTRY = /https?:\/\/[\w.-]*(?:registry|artifactory|nexus|verdaccio|mirror)[\w.-]*/i;
const RESOLVED = /"resolved":\s*"https?:/;
const BINARY = /\.(?:png|ico|woff2|gz|wasm)$/;

export function traces(source: Source): readonly Breach[] {
  if (BINARY.test(source.path)) return [];
  return source.text.split("\n").flatMap((line, at) => {
    const wrong = wrongWith(line, source.path);
    return wrong === undefined ? [] : [`${source.path}:${at + 1} ${wrong}`];
  });
}

function wrongWith(line: string, path: string): string | undefined {
  if (path === "package-lock.json")
    return RESOLVED.test(line) ? "names a registry: install with omit-lockfile-registry-resolved" : undefined;
  if (UNFINISHED.test(line)) return "a note of something unfinished: finish it, or open an issue";
  if (MACHINE.test(line)) return "a path of one machine";
  return REGISTRY.test(line) ? "the host of a registry" : undefined;
}
