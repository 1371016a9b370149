/**
 * Builds the image of packaging/container and runs it as a careful host would: its root read-only, its one volume writable, as its own user,
 * without new privileges. Needs root, and a mount namespace of its own:
 *   unshare --mount node scripts/container-run.ts --package FILE.tgz --images FOLDER --workplace FOLDER --config FILE --data FOLDER [--env K=V]…
 * Once it is built, what is known of the image is written to WORKPLACE/image.json.
 */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { build, HOME, inside, run, type Image } from "./container-image.ts";
import { CONTAINERFILE } from "./container-lint.ts";
import { parseContainerfile } from "./containerfile.ts";

const text = { type: "string", default: "" } as const;
const { values } = parseArgs({
  options: { package: text, images: text, workplace: text, config: text, data: text, env: { type: "string", multiple: true, default: [] } },
});

const DEVICES = ["null", "zero", "random", "urandom"];
/** How this machine reaches npm's packages: what a build takes from whoever runs it, as from a daemon's settings. */
const SURROUNDINGS = /^(https?_proxy|no_proxy|npm_config_\w+|NODE_EXTRA_CA_CERTS)$/i;

const image = build(parseContainerfile(readFileSync(CONTAINERFILE, "utf8")), {
  workplace: values.workplace,
  bases: { BUILD_IMAGE: prepared(join(values.images, "build")), BASE_IMAGE: join(values.images, "base") },
  context: dirname(resolve(values.package)),
  args: { PACKAGE: basename(values.package) },
  surroundings: Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value = ""]) => (SURROUNDINGS.test(name) ? [[name, value]] : [])),
  ),
});
const root = readOnly(image);
writeFileSync(join(values.workplace, "image.json"), JSON.stringify({ ...image, root }));
start();

/** The stand-in, and over it what this machine's npm needs to know: addresses, authorities, its registry. */
function prepared(base: string): string {
  const seen = join(values.workplace, "seen-base");
  const [upper, work] = [join(values.workplace, "seen-upper"), join(values.workplace, "seen-work")];
  for (const folder of [seen, upper, work]) mkdirSync(folder, { recursive: true });
  for (const [from, to] of [
    ["/etc/resolv.conf", "/etc/resolv.conf"],
    ["/etc/hosts", "/etc/hosts"],
    [join(homedir(), ".npmrc"), `${HOME}/.npmrc`],
    [process.env["NODE_EXTRA_CA_CERTS"] ?? "", process.env["NODE_EXTRA_CA_CERTS"] ?? ""],
  ] as const) {
    if (from === "" || !existsSync(from)) continue;
    mkdirSync(dirname(join(upper, to)), { recursive: true });
    run(["cp", "--dereference", from, join(upper, to)]);
  }
  run(["mount", "-t", "overlay", "overlay", "-o", `lowerdir=${upper}:${base}`, seen]);
  return seen;
}

function readOnly({ root: built, volumes, user }: Image): string {
  const folders = ["proc", "dev", "etc/bailiwick", ...volumes];
  for (const folder of folders) mkdirSync(join(built, folder), { recursive: true });
  const place = join(values.workplace, "root");
  mkdirSync(place, { recursive: true });
  run(["mount", "--bind", built, place]);
  run(["mount", "-o", "remount,ro,bind", place]);
  run(["mount", "-t", "proc", "proc", join(place, "proc")]);
  devices(join(place, "dev"));
  run(["mount", "--bind", dirname(resolve(values.config)), join(place, "etc/bailiwick")]);
  run(["mount", "-o", "remount,ro,bind", join(place, "etc/bailiwick")]);
  // A new volume takes over whose the folder is that it lies on.
  for (const volume of volumes) {
    run(["chown", `--reference=${join(built, volume)}`, values.data]);
    run(["chmod", `--reference=${join(built, volume)}`, values.data]);
    run(["mount", "--bind", values.data, join(place, volume)]);
  }
  if (user === "") throw new Error("the image runs as root");
  return place;
}

function devices(folder: string): void {
  run(["mount", "-t", "tmpfs", "-o", "mode=0755,nosuid", "tmpfs", folder]);
  for (const device of DEVICES) {
    writeFileSync(join(folder, device), "");
    run(["mount", "--bind", `/dev/${device}`, join(folder, device)]);
  }
}

/** Its standard streams are ours, and so is its end. */
function start(): void {
  const given = Object.fromEntries(values.env.map((each) => [each.slice(0, each.indexOf("=")), each.slice(each.indexOf("=") + 1)]));
  const env = { PATH: process.env["PATH"], HOME: "/", ...image.env, ...given };
  const [file = "", ...args] = inside({ ...image, root }, image.command);
  const child = spawn(file, args, { env, stdio: ["ignore", "inherit", "inherit"] });
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, () => child.kill(signal));
  child.on("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
}
