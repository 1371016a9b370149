/** What documents may claim: links, files, headers and metrics that exist. */
import { posix } from "node:path";
import type { Breach, Source } from "./source.ts";

type Exists = (path: string) => boolean;

const LINK = /\[[^\]]*\]\(([^)\s]+)\)/g;
const INLINE_CODE = /`([^`\n]+)`/g;
const FENCE = /^```[^\n]*\n([^]*?)^```/gm;
/** A path of this repository, perhaps with a line; patterns and placeholders are none. */
const PATH = /^(?:src|test|docs|examples|scripts|bench|bin)\/[\w./-]*\w\/?(?=:\d+$|$)/;
const HEADER = /^(x-[a-z-]+)(?=$|:|=)/;
const METRIC = /^(gateway_[a-z_]+)/;
/** Suffixes that Prometheus puts behind the name of a histogram. */
const SERIES = /_(bucket|sum|count)$/;

/** Relative links must lead to a file, and their fragments to a heading of it. */
export function brokenLinks({ path, text }: Source, all: readonly Source[], exists: Exists): readonly Breach[] {
  return Array.from(text.replace(FENCE, "").matchAll(LINK), ([, target = ""]) => target).flatMap((target) => {
    if (/^(https?|mailto):/.test(target)) return [];
    const [file = "", fragment] = target.split("#");
    const found = file === "" ? path : posix.join(posix.dirname(path), file);
    if (!exists(found.replace(/\/$/, "")) && file !== "") return [`${path}: ${target} leads nowhere`];
    const heads = headings(all.find((each) => each.path === found)?.text ?? text);
    return fragment === undefined || heads.has(fragment) ? [] : [`${path}: ${target}: there is no such heading`];
  });
}

/** Headings as their fragments: lower case, blanks as dashes, no punctuation. */
function headings(text: string): ReadonlySet<string> {
  const found = text.replace(FENCE, "").matchAll(/^#+ (.+)$/gm);
  return new Set(
    Array.from(found, ([, head = ""]) =>
      head
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\s_-]/gu, "")
        .trim()
        .replaceAll(" ", "-"),
    ),
  );
}

/** Files and folders that a document names in code must be there. */
export function missingPaths({ path, text }: Source, exists: Exists): readonly Breach[] {
  return inlineCode(text).flatMap((code) => {
    const named = PATH.exec(code)?.[0];
    return named === undefined || exists(named.replace(/\/$/, "")) ? [] : [`${path}: ${named} is not there`];
  });
}

/** Headers of ours and metrics that a document names must stand in the sources. */
export function unknownWords({ path, text }: Source, known: string): readonly Breach[] {
  return inlineCode(text).flatMap((code) => {
    const word = HEADER.exec(code)?.[1] ?? METRIC.exec(code)?.[1]?.replace(SERIES, "");
    return word === undefined || known.includes(word) || known.includes(word.replace(/-(requests|tokens)$/, "-"))
      ? []
      : [`${path}: nothing knows ${word}`];
  });
}

/** Lines of code blocks, and code in running text. */
export function codeLines(text: string): readonly string[] {
  const blocks = Array.from(text.matchAll(FENCE), ([, block = ""]) => block.replaceAll("\\\n", " ").split("\n"));
  return [...blocks.flat().filter((line) => line !== ""), ...inlineCode(text)];
}

function inlineCode(text: string): readonly string[] {
  return Array.from(text.replace(FENCE, "").matchAll(INLINE_CODE), ([, code = ""]) => code);
}
