/** What a container file of ours must hold to, each rule with the reason that it names. Usage: node scripts/container-lint.ts */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { execForm, parseContainerfile, type Containerfile, type Instruction, type Keyword, type Stage } from "./containerfile.ts";
import { ROOT } from "./parts.ts";

export const CONTAINERFILE = join(ROOT, "packaging", "container", "Containerfile");

type Rule = (file: Containerfile, last: Stage) => readonly string[];

const RULES: readonly Rule[] = [
  basesAreArguments,
  usesWhatIsPinned,
  runsAsNobody,
  needsNoShell,
  saysHowItIs,
  addsNothingFromOutside,
  knowsNoSecret,
];

/** One line for each breach. @throws SyntaxError for what is no container file of ours */
export function breaches(text: string): readonly string[] {
  const file = parseContainerfile(text);
  const last = file.stages.at(-1);
  return last === undefined ? ["there is no stage"] : RULES.flatMap((rule) => rule(file, last));
}

function basesAreArguments({ args, stages }: Containerfile): readonly string[] {
  return stages.flatMap(({ from }) => {
    const name = /^\$\{(\w+)\}/.exec(from.text)?.[1];
    if (name === undefined) return [at(from, "a base is an argument, so that a release can give it by digest")];
    const given = args[name];
    return given === undefined ? [at(from, `${name} has no default`)] : pinned(from, given);
  });
}

function pinned(from: Instruction, image: string): readonly string[] {
  if (/@sha256:[0-9a-f]{64}$/.test(image)) return [];
  const tag = /:([\w.-]+)$/.exec(image)?.[1];
  if (!image.includes("/")) return [at(from, `${image} leaves the registry to the machine`)];
  return tag === undefined || tag === "latest" ? [at(from, `${image} may be anything tomorrow: name a tag or a digest`)] : [];
}

/** What npm fetches on the way in is the package, and that names all else by hash. */
function usesWhatIsPinned({ stages }: Containerfile): readonly string[] {
  return all(stages, "RUN").flatMap((each) => {
    const wrong: string[] = [];
    if (/\bapt(-get)? (install|upgrade)|\bapk add|\bcurl |\bwget /.test(each.text))
      wrong.push(at(each, "fetches something that no hash names"));
    if (/\bnpm (i|ci|install)\b/.test(each.text) && !each.text.includes("--ignore-scripts"))
      wrong.push(at(each, "runs scripts of packages"));
    if (/\bsudo\b/.test(each.text)) wrong.push(at(each, "sudo is for people"));
    return wrong;
  });
}

function runsAsNobody(_: Containerfile, last: Stage): readonly string[] {
  const user = of(last, "USER").at(-1);
  if (user === undefined) return [at(last.from, "runs as root: name a USER")];
  return /^[1-9]\d{3,}:[1-9]\d{3,}$/.test(user.text)
    ? []
    : [at(user, "user and group are numbers above 999, for a cluster can prove that they are not root")];
}

function needsNoShell(_: Containerfile, last: Stage): readonly string[] {
  const shelled = [...of(last, "ENTRYPOINT"), ...of(last, "CMD")].filter(({ text }) => execForm(text) === undefined);
  return [...shelled, ...of(last, "RUN")].map((each) =>
    at(each, "the last stage has no shell: nothing runs in it, and commands are lists"),
  );
}

function saysHowItIs(_: Containerfile, last: Stage): readonly string[] {
  const wanted: readonly Keyword[] = ["ENTRYPOINT", "HEALTHCHECK", "STOPSIGNAL", "VOLUME", "WORKDIR"];
  const absent = wanted.filter((keyword) => of(last, keyword).length !== 1).map((keyword) => at(last.from, `one ${keyword} is wanted`));
  const shelled = of(last, "HEALTHCHECK").filter(({ text }) => !/^CMD \[/.test(text));
  return [...absent, ...shelled.map((each) => at(each, "the check of health needs a shell"))];
}

function addsNothingFromOutside({ stages }: Containerfile): readonly string[] {
  const copies = all(stages, "COPY").filter(
    ({ text, flags }) => flags["from"] === undefined && /(^|\s)(\.|\*|https?:\S*)(\s|$)/.test(text),
  );
  return copies.map((each) => at(each, "copies whatever lies there: name what belongs in"));
}

function knowsNoSecret({ stages }: Containerfile): readonly string[] {
  return [...all(stages, "ENV"), ...all(stages, "ARG")]
    .filter(({ text }) => /(key|token|secret|password)\w*=/i.test(text))
    .map((each) => at(each, "a secret in an image is everybody's"));
}

function of(stage: Stage, keyword: Keyword): readonly Instruction[] {
  return stage.instructions.filter((each) => each.keyword === keyword);
}

function all(stages: readonly Stage[], keyword: Keyword): readonly Instruction[] {
  return stages.flatMap((stage) => of(stage, keyword));
}

function at({ line }: Instruction, what: string): string {
  return `line ${String(line)}: ${what}`;
}

if (import.meta.main) {
  const found = breaches(readFileSync(CONTAINERFILE, "utf8"));
  for (const line of found) process.stderr.write(`Containerfile, ${line}\n`);
  process.exitCode = found.length === 0 ? 0 : 1;
}
