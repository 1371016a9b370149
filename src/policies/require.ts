/** The `Sovereignty-Require` header: a rule that a caller adds to one request. It speaks a few words only, and each of them narrows. */
import { BOUNDS } from "../bounds.ts";
import { Fault } from "../faults.ts";
import { readBox } from "./box.ts";
import type { Ids } from "./constants.ts";
import { Place, type Problem } from "./problems.ts";
import { ALWAYS, type Rule } from "./rule.ts";
import { CLASS_RANK, CLASSES, EVIDENCE_RANK } from "./vocabulary/ladders.ts";
import { NEWEST_SETS } from "./vocabulary/sets.ts";

/** What a header asks for. */
export interface Requirement {
  /** undefined: no condition on facts. */
  readonly rule: Rule | undefined;
  /** Evidence rank that every fact needs which any rule looks at. */
  readonly evidenceLeast: number;
  /** The class is at least this rank. */
  readonly classLeast: number;
}

export const NOTHING_MORE: Requirement = { rule: undefined, evidenceLeast: 0, classLeast: 0 };

/** Name under which exclusions show the header. */
export const HEADER = "Sovereignty-Require";

const NO_IDS: Ids = { operators: new Map(), sites: new Map(), models: new Map() };

/** Key -> the attribute and operator that it stands for. `class` and `evidence` are rungs, and not here. */
const CONDITIONS: ReadonlyMap<string, readonly [attribute: string, operator: string]> = new Map([
  ["country", ["backend.location.country", "in"]],
  ["operator-country", ["backend.operator.country", "in"]],
  ["certs", ["backend.certs", "has_all"]],
] as const);
const KEYS = [...CONDITIONS.keys(), "class", "evidence"].join(", ");

/**
 * Reads the header's value: `country=(DE FR), class=restricted`, a dictionary of RFC 9651 without parameters.
 * @throws Fault sov_bad_header for everything that is not understood in full
 */
export function readRequirement(header: string): Requirement {
  const members = new Dictionary(header).members();
  const conditions: Record<string, Record<string, readonly string[]>> = {};
  let [evidenceLeast, classLeast] = [0, 0];
  for (const [key, values] of members) {
    const condition = CONDITIONS.get(key);
    if (condition !== undefined) conditions[condition[0]] = { [condition[1]]: values };
    else if (key === "class") classLeast = rung(key, values, CLASS_RANK);
    else if (key === "evidence") evidenceLeast = rung(key, values, EVIDENCE_RANK);
    else throw bad(`"${key}" is not a key of this header. Keys: ${KEYS}`);
  }
  return { rule: Object.keys(conditions).length === 0 ? undefined : ruleOf(conditions), evidenceLeast, classLeast };
}

function ruleOf(conditions: Record<string, Record<string, readonly string[]>>): Rule {
  const problems: Problem[] = [];
  const require = readBox(conditions, { lexicon: { ids: NO_IDS, sets: NEWEST_SETS }, place: new Place(problems, () => "") });
  const first = problems[0];
  if (first !== undefined) throw bad(first.hint === undefined ? first.message : `${first.message} (${first.hint})`);
  return { id: HEADER, level: "request", appliesTo: "both", guard: ALWAYS, evidenceLeast: 0, require, anyOf: [], cite: undefined };
}

function rung(key: string, values: readonly string[], ladder: ReadonlyMap<string, number>): number {
  const rank = values.length === 1 ? ladder.get(values[0] ?? "") : undefined;
  if (rank === undefined) throw bad(`"${key}" takes one of: ${[...ladder.keys()].join(", ")}`);
  return rank;
}

function bad(why: string): Fault {
  return new Fault("sov_bad_header", { text: `The ${HEADER} header could not be read: ${why}. Nothing was sent.`, param: HEADER });
}

const KEY = /[a-z*][a-z0-9_.*-]*/y;
const TOKEN = /[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*/y;
const STRING = /"[ !#-[\]-~]*"/y;
const BLANKS = /[ \t]*/y;

/** Reads `key=item` and `key=(item item)` members, separated by commas; a bare item is a list of one. */
class Dictionary {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    if (text.length > BOUNDS.requireHeaderBytesMax) throw bad(`it is longer than ${BOUNDS.requireHeaderBytesMax} bytes`);
    this.#text = text;
  }

  members(): ReadonlyMap<string, readonly string[]> {
    const members = new Map<string, readonly string[]>();
    do {
      this.#take(BLANKS);
      const key = this.#take(KEY);
      if (key === undefined) throw bad(`a key is needed at position ${this.#at + 1}`);
      if (members.has(key)) throw bad(`"${key}" is given twice`);
      if (!this.#skip("=")) throw bad(`"${key}" needs a value`);
      members.set(key, this.#values(key));
      this.#take(BLANKS);
    } while (this.#skip(","));
    if (this.#at < this.#text.length) throw bad(`unexpected text at position ${this.#at + 1}`);
    return members;
  }

  #values(key: string): readonly string[] {
    if (!this.#skip("(")) return [this.#item(key)];
    const items: string[] = [];
    for (;;) {
      const blanks = this.#take(BLANKS);
      if (this.#skip(")")) break;
      if (items.length > 0 && blanks === "") throw bad(`the values of "${key}" are separated by blanks`);
      items.push(this.#item(key));
    }
    if (items.length === 0) throw bad(`"${key}" needs at least one value`);
    return items;
  }

  #item(key: string): string {
    const item = this.#take(TOKEN) ?? this.#take(STRING)?.slice(1, -1);
    if (item === undefined || item === "") throw bad(`a value of "${key}" is needed at position ${this.#at + 1}`);
    return item;
  }

  #skip(mark: string): boolean {
    const found = this.#text[this.#at] === mark;
    if (found) this.#at++;
    return found;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }
}

/** The higher of the tenant's class and the header's, as a name. */
export function raisedClass(defaultClass: string, { classLeast }: Requirement): string {
  const rank = CLASS_RANK.get(defaultClass);
  return rank !== undefined && rank < classLeast ? (CLASSES[classLeast] ?? defaultClass) : defaultClass;
}
