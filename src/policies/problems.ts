/** Collects everything that is wrong with policies and facts, each with its place, so that one run shows all of it. */

export interface Problem {
  /** File and line, or the path of a fact. */
  readonly where: string;
  readonly message: string;
  /** What to write instead; undefined when nothing better is known than the message. */
  readonly hint: string | undefined;
}

type Step = string | number;

/** A position inside a document that knows how to report itself. */
export class Place {
  readonly #problems: Problem[];
  readonly #where: (path: readonly Step[]) => string;
  readonly #path: readonly Step[];

  constructor(problems: Problem[], where: (path: readonly Step[]) => string, path: readonly Step[] = []) {
    this.#problems = problems;
    this.#where = where;
    this.#path = path;
  }

  at(...steps: readonly Step[]): Place {
    return new Place(this.#problems, this.#where, [...this.#path, ...steps]);
  }

  /** How many problems are known so far, here and everywhere else. */
  get problems(): number {
    return this.#problems.length;
  }

  refuse(message: string, hint?: string): void {
    this.#problems.push({ where: this.#where(this.#path), message, hint });
  }
}

export type Fields = Readonly<Record<string, unknown>>;

/** A mapping, and not a list or null. */
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** How a wrong value is named in a message: short, on one line. */
export function shown(value: unknown): string {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  if (text === undefined) return typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
