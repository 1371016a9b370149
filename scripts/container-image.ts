/**
 * Takes the steps of a container file without a registry and without a daemon: each stage is a root of its own, laid over a folder that
 * stands in for its image, and what runs in it runs in a chroot. Mounts are made for good; whoever runs this has a mount namespace for them.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { assignments, execForm, filled, type Containerfile, type Instruction, type Stage } from "./containerfile.ts";

/** What is known of an image besides its files. */
export interface Image {
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly workdir: string;
  readonly volumes: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
  readonly stopSignal: string;
}

export interface Means {
  /** Where stages are laid out; empty. */
  readonly workplace: string;
  /** Folders by the name of the argument that names an image: what is in it before the first step. */
  readonly bases: Readonly<Record<string, string>>;
  /** The folder that COPY sees. */
  readonly context: string;
  readonly args: Readonly<Record<string, string>>;
  /** What the machine needs to reach its network; no image keeps it. */
  readonly surroundings: Readonly<Record<string, string>>;
}

/** Whose builds run as root. */
export const HOME = "/root";
/** As images of Debian have it. */
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

type Variables = Readonly<Record<string, string>>;

/** @throws Error with what the step said, and its line */
export function build(file: Containerfile, means: Means): Image {
  const roots = new Map<string, string>();
  let root = "";
  for (const [index, stage] of file.stages.entries()) {
    root = layOver(baseOf(stage, means), join(means.workplace, `stage-${String(index)}`));
    roots.set(stage.name ?? String(index), root);
    let variables: Variables = {};
    for (const step of stage.instructions) {
      variables = { ...variables, ...setBy(step, means.args) };
      take(step, root, { means, roots, variables });
    }
  }
  return described(file, root);
}

/** A command as one that enters an image's root as its user, in its folder; to be run by root. */
export function inside({ root, user, workdir }: Pick<Image, "root" | "user" | "workdir">, words: readonly string[]): readonly string[] {
  const [uid = "", gid = uid] = user.split(":");
  return [
    "setpriv",
    "--no-new-privs",
    "unshare",
    `--root=${root}`,
    `--wd=${workdir}`,
    `--setgid=${gid}`,
    `--setuid=${uid}`,
    "--",
    ...words,
  ];
}

/** @throws Error with what it said */
export function run([file = "", ...args]: readonly string[], env: Readonly<Record<string, string>> = {}): void {
  const done = spawnSync(file, args, { encoding: "utf8", env: { PATH: process.env["PATH"], ...env }, stdio: ["ignore", "pipe", "pipe"] });
  if (done.status !== 0) throw new Error(`${file} ${args.join(" ")}: ${done.error?.message ?? `${done.stderr}${done.stdout}`}`);
}

function baseOf({ from }: Stage, { bases }: Means): string {
  const name = /^\$\{(\w+)\}/.exec(from.text)?.[1] ?? "";
  const base = bases[name];
  if (base === undefined) throw new Error(`line ${String(from.line)}: nothing stands in for ${from.text}`);
  return base;
}

/** A root whose changes lie beside its base. */
function layOver(base: string, place: string): string {
  const [upper, work, root] = [join(place, "upper"), join(place, "work"), join(place, "root")];
  for (const folder of [upper, work, root]) mkdirSync(folder, { recursive: true });
  run(["mount", "-t", "overlay", "overlay", "-o", `lowerdir=${base},upperdir=${upper},workdir=${work}`, root]);
  return root;
}

function setBy(step: Instruction, args: Variables): Variables {
  if (step.keyword === "ENV") return assignments([step]);
  if (step.keyword !== "ARG") return {};
  const value = args[step.text] ?? assignments([step])[step.text];
  return value === undefined ? {} : { [step.text]: value };
}

interface Site {
  readonly means: Means;
  readonly roots: ReadonlyMap<string, string>;
  readonly variables: Variables;
}

function take(step: Instruction, root: string, site: Site): void {
  try {
    if (step.keyword === "RUN") runStep(step, root, site);
    else if (step.keyword === "COPY") copy(step, root, site);
    else if (step.keyword === "WORKDIR") mkdirSync(join(root, step.text), { recursive: true });
  } catch (error) {
    throw new Error(`line ${String(step.line)}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

/** With a shell, as root, as every build does before its USER. */
function runStep({ text }: Instruction, root: string, { means, variables }: Site): void {
  run(["mount", "-t", "proc", "proc", join(root, "proc")]);
  run(["mount", "--rbind", "/dev", join(root, "dev")]);
  const env = { ...means.surroundings, ...variables, HOME, PATH };
  run(["chroot", root, "/bin/sh", "-c", text], env);
}

function copy({ text, flags }: Instruction, root: string, { means, roots, variables }: Site): void {
  const [source = "", target = "", ...more] = filled(text, variables).split(/\s+/);
  if (target === "" || more.length > 0) throw new SyntaxError("one thing is copied at a time");
  const from = flags["from"] === undefined ? means.context : roots.get(flags["from"]);
  if (from === undefined) throw new ReferenceError(`there is no stage ${String(flags["from"])}`);
  const place = join(root, target.endsWith("/") ? join(target, basename(source)) : target);
  mkdirSync(dirname(place), { recursive: true });
  run(["cp", "--archive", "--no-target-directory", join(from, source), place]);
  // What is copied belongs to root unless somebody is named.
  run(["chown", "--recursive", flags["chown"] ?? "0:0", place]);
  if (flags["chmod"] !== undefined) run(["chmod", "--recursive", flags["chmod"], place]);
}

function described({ stages }: Containerfile, root: string): Image {
  const steps = stages.at(-1)?.instructions ?? [];
  const last = (keyword: Instruction["keyword"]): string => steps.findLast((step) => step.keyword === keyword)?.text ?? "";
  return {
    root,
    env: assignments(steps.filter(({ keyword }) => keyword === "ENV")),
    user: last("USER"),
    workdir: last("WORKDIR"),
    volumes: execForm(last("VOLUME")) ?? [],
    command: [...(execForm(last("ENTRYPOINT")) ?? []), ...(execForm(last("CMD")) ?? [])],
    healthcheck: execForm(last("HEALTHCHECK").replace(/^.*?CMD /, "")) ?? [],
    stopSignal: last("STOPSIGNAL"),
  };
}
