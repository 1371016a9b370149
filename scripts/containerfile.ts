/** A container file as data: its stages, and what each instruction says. As much of the language as ours uses; anything else is refused. */

const KNOWN = [
  "ARG",
  "CMD",
  "COPY",
  "ENTRYPOINT",
  "ENV",
  "EXPOSE",
  "FROM",
  "HEALTHCHECK",
  "RUN",
  "STOPSIGNAL",
  "USER",
  "VOLUME",
  "WORKDIR",
] as const;
export type Keyword = (typeof KNOWN)[number];

export interface Instruction {
  readonly line: number;
  readonly keyword: Keyword;
  /** Options in front ("--from=build"), by name. */
  readonly flags: Readonly<Record<string, string>>;
  /** The rest as it stands; variables are not filled in. */
  readonly text: string;
}

export interface Stage {
  readonly from: Instruction;
  /** After AS. */
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

export interface Containerfile {
  /** Before the first stage. */
  readonly args: Readonly<Record<string, string>>;
  readonly stages: readonly Stage[];
}

/** @throws SyntaxError that names the line */
export function parseContainerfile(text: string): Containerfile {
  const all = logicalLines(text).map(instruction);
  const starts = all.flatMap(({ keyword }, index) => (keyword === "FROM" ? [index] : []));
  const head = all.slice(0, starts[0] ?? all.length);
  const stray = head.find(({ keyword }) => keyword !== "ARG");
  if (stray !== undefined || starts.length === 0)
    throw new SyntaxError(`line ${String(stray?.line ?? 1)}: nothing but ARG stands before FROM`);
  const stages = starts.flatMap((start, index) => {
    const [from, ...instructions] = all.slice(start, starts[index + 1]);
    return from === undefined ? [] : [{ from, name: / AS (\S+)$/i.exec(from.text)?.[1], instructions }];
  });
  return { args: assignments(head), stages };
}

/** NAME=VALUE of ARG and ENV; a name without a value is left out. */
export function assignments(of: readonly Instruction[]): Readonly<Record<string, string>> {
  const pairs = of.flatMap(({ text }) => Array.from(text.matchAll(/(\w+)=("[^"]*"|\S+)/g)));
  return Object.fromEntries(pairs.map(([, name = "", value = ""]) => [name, value.replace(/^"(.*)"$/, "$1")]));
}

/** The words of ["a", "b"]; undefined: it is a line for a shell. */
export function execForm(text: string): readonly string[] | undefined {
  if (!text.startsWith("[")) return undefined;
  const words: unknown = JSON.parse(text);
  if (!Array.isArray(words)) return undefined;
  return words.map(String);
}

/** @throws ReferenceError for a variable that nothing sets */
export function filled(text: string, variables: Readonly<Record<string, string>>): string {
  return text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const value = variables[name];
    if (value === undefined) throw new ReferenceError(`nothing sets ${name}`);
    return value;
  });
}

interface Line {
  readonly line: number;
  readonly text: string;
}

/** Without comments and empty lines, those that a backslash continues as one. */
function logicalLines(text: string): readonly Line[] {
  const found: Line[] = [];
  let open: Line | undefined;
  for (const [index, raw] of text.split("\n").entries()) {
    const piece = raw.trim();
    if (piece === "" || piece.startsWith("#")) continue;
    const joined = { line: open?.line ?? index + 1, text: open === undefined ? piece : `${open.text} ${piece}` };
    open = joined.text.endsWith("\\") ? { ...joined, text: joined.text.slice(0, -1).trim() } : undefined;
    if (open === undefined) found.push(joined);
  }
  return found;
}

function instruction({ line, text }: Line): Instruction {
  const [, word = "", rest = ""] = /^(\S+)\s+([^]*)$/.exec(text) ?? [];
  const keyword = KNOWN.find((each) => each === word.toUpperCase());
  if (keyword === undefined) throw new SyntaxError(`line ${String(line)}: there is no reading for "${text}"`);
  const flags: Record<string, string> = {};
  const bare = rest.replace(/^(?:--([\w-]+)=(\S+)\s+)+/, (all) => {
    for (const [, name = "", value = ""] of all.matchAll(/--([\w-]+)=(\S+)/g)) flags[name] = value;
    return "";
  });
  return { line, keyword, flags, text: bare };
}
