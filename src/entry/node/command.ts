/** A command that takes what it names and nothing else: what is left over was meant, and would be ignored without a word. */
import { defineCommand, type ArgsDef, type CommandDef } from "citty";

export function command<const T extends ArgsDef>(def: CommandDef<T> & { readonly args: T }): CommandDef<T> {
  const setup = ({ args }: { readonly args: Given }): void => {
    const problem = surplus(args, def.args);
    if (problem === undefined) return;
    process.stderr.write(`${problem} See: bailiwick --help\n`);
    process.exit(1);
  };
  return defineCommand({ ...def, plugins: [{ name: "nothing-more", setup }] });
}

/** Arguments as they were read: by name, and those without one under "_". */
type Given = Readonly<Record<string, unknown>> & { readonly _: readonly string[] };

/** Says which argument or option is not the command's; undefined: none. */
export function surplus(given: Given, defs: ArgsDef): string | undefined {
  const positionals = Object.values(defs).filter(({ type }) => type === "positional").length;
  const extra = given._[positionals];
  if (extra !== undefined) return `There is an argument too many: ${extra}.`;
  const known = new Set(Object.entries(defs).flatMap(([name, def]) => [name, camel(name), ...aliasesOf(def)]));
  const unknown = Object.keys(given).find((name) => name !== "_" && !known.has(name));
  return unknown === undefined ? undefined : `There is no option ${unknown.length === 1 ? "-" : "--"}${unknown} here.`;
}

function aliasesOf(def: ArgsDef[string]): readonly string[] {
  return "alias" in def && def.alias !== undefined ? [def.alias].flat() : [];
}

const camel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
