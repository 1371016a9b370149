/** What the file refers to outside itself: secrets in the environment or in files, chat templates, policy documents. */
import { BOUNDS } from "../bounds.ts";
import type { Report } from "./finding.ts";
import { pathText, select, valueAt } from "./path.ts";
import type { Path } from "./path.ts";
import { tokenizerConfig } from "./tokenizer-config.ts";
import { Tree } from "./tree.ts";

export interface World {
  /** Name of the configuration file, for findings; other files are looked for beside it. */
  readonly file: string;
  /** Text of a file (UTF-8). @throws when it cannot be read */
  readonly readFile: (path: string) => string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Everything fetched, by the path (as text) of the value that refers to it. */
export interface Outside {
  readonly texts: ReadonlyMap<string, string>;
  readonly documents: ReadonlyMap<string, Tree>;
}

interface Reading {
  readonly tree: Tree;
  readonly world: World;
  readonly report: Report;
}

const SECRETS = [
  ["backends", "*", "credential"],
  ["server", "admin", "key"],
  ["telemetry", "otlp", "headers", "*"],
] as const;

/** Reads all that the file refers to; what is missing, empty or too large is reported. */
export function readOutside(reading: Reading): Outside {
  const texts = new Map<string, string>();
  for (const pattern of SECRETS) {
    for (const { path, value } of select(reading.tree.value, pattern)) keep(texts, path, secretText(reading, path, value));
  }
  for (const { path, value } of select(reading.tree.value, ["backends", "*", "models", "*", "chat_template", "file"])) {
    const text = fileText(reading, { path, name: value, bytesMax: BOUNDS.chatTemplateBytesMax });
    keep(texts, path, text);
    if (text !== undefined && tokenizerConfig(text)?.source === "")
      reading.report.add(
        reading.tree.finding(path, `${String(value)} has no chat_template`, "name the file that has it, and its tokens beside it"),
      );
  }
  return { texts, documents: readPolicies(reading) };
}

function keep(texts: Map<string, string>, path: Path, text: string | undefined): void {
  if (text !== undefined) texts.set(pathText(path), text);
}

function readPolicies(reading: Reading): ReadonlyMap<string, Tree> {
  const documents = new Map<string, Tree>();
  for (const { path, value } of select(reading.tree.value, ["policies", "*", "file"])) {
    const text = fileText(reading, { path, name: value, bytesMax: BOUNDS.policyDocumentBytesMax });
    if (text !== undefined) documents.set(pathText(path), new Tree(text, beside(reading.world.file, String(value)), reading.report));
  }
  return documents;
}

function secretText(reading: Reading, path: Path, value: unknown): string | undefined {
  const { tree, world, report } = reading;
  const name = valueAt(value, ["env"]);
  const file = valueAt(value, ["file"]);
  if (typeof value !== "object" || value === null) return undefined;
  if ((name === undefined) === (file === undefined)) {
    report.add(tree.finding(path, "a secret is kept either in env or in file", "write {env: NAME} or {file: PATH}"));
    return undefined;
  }
  if (typeof name === "string") {
    const held = Object.hasOwn(world.env, name) ? world.env[name] : undefined;
    if (held === undefined || held === "")
      report.add(tree.finding([...path, "env"], `environment variable ${name} is ${held === undefined ? "not set" : "empty"}`));
    return held === undefined ? undefined : headerSafe(reading, [...path, "env"], held);
  }
  const text = fileText(reading, { path: [...path, "file"], name: file, bytesMax: BOUNDS.secretBytesMax });
  return text === undefined ? undefined : headerSafe(reading, [...path, "file"], text.replace(/\r?\n$/, ""));
}

/** A secret goes into a header: a line break or a control character in it would be an injection or a mistake. A whole header may have spaces inside. */
function headerSafe({ tree, report }: Reading, path: Path, secret: string): string {
  const whole = path[0] === "telemetry";
  if (!(whole ? /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/ : /^[\x21-\x7e]*$/).test(secret))
    report.add(
      tree.finding(
        path,
        "the secret holds characters that no header may carry",
        whole ? "printable ASCII, no space at either end" : "printable ASCII without spaces",
      ),
    );
  return secret;
}

function fileText(
  { tree, world, report }: Reading,
  wanted: { readonly path: Path; readonly name: unknown; readonly bytesMax: number },
): string | undefined {
  if (typeof wanted.name !== "string" || wanted.name === "") return undefined;
  let text: string;
  try {
    text = world.readFile(beside(world.file, wanted.name));
  } catch (error) {
    report.add(tree.finding(wanted.path, `cannot read ${wanted.name}`, error instanceof Error ? error.message : undefined));
    return undefined;
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > wanted.bytesMax)
    report.add(tree.finding(wanted.path, `${wanted.name} has ${bytes} bytes, at most ${wanted.bytesMax} are read`));
  else if (text.trim() === "") report.add(tree.finding(wanted.path, `${wanted.name} is empty`));
  else return text;
  return undefined;
}

/** A path as written in `file`: absolute as it is, else from the folder of that file. */
export function beside(file: string, path: string): string {
  if (/^(\/|\\|[A-Za-z]:[\\/])/.test(path)) return path;
  const folder = file.slice(0, Math.max(file.lastIndexOf("/"), file.lastIndexOf("\\")) + 1);
  return folder + path;
}
