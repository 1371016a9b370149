/** What is wrong with a configuration, in the form that a person repairs it by: place, fault, remedy. */
import { BOUNDS } from "../bounds.ts";

export interface Finding {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based, in UTF-16 units. */
  readonly column: number;
  /** Place in the document, e.g. `backends.gpu-1.engine`; "" for the document itself. */
  readonly path: string;
  readonly message: string;
  /** What to do about it. */
  readonly hint: string | undefined;
}

/** Collects findings up to `configFindingsMax`; a file that is wrong everywhere must not cost memory without end. */
export class Report {
  readonly #findings: Finding[] = [];
  #dropped = 0;

  add(finding: Finding): void {
    if (this.#findings.length < BOUNDS.configFindingsMax) this.#findings.push(finding);
    else this.#dropped += 1;
  }

  get empty(): boolean {
    return this.#findings.length === 0;
  }

  /** By place: the main file first, since its findings came first. */
  sorted(): readonly Finding[] {
    const files = [...new Set(this.#findings.map((finding) => finding.file))];
    const order = (a: Finding, b: Finding): number =>
      files.indexOf(a.file) - files.indexOf(b.file) || a.line - b.line || a.column - b.column;
    const sorted = this.#findings.toSorted(order);
    const last = sorted.at(-1);
    if (this.#dropped > 0 && last !== undefined)
      sorted.push({ ...last, path: "", message: `${this.#dropped} more findings are not shown`, hint: undefined });
    return sorted;
  }
}

/** One line for a terminal or an editor: `file:line:column: message (hint)`. */
export function findingText({ file, line, column, path, message, hint }: Finding): string {
  const place = path === "" ? "" : `${path}: `;
  return `${file}:${line}:${column}: ${place}${message}${hint === undefined ? "" : ` (${hint})`}`;
}
