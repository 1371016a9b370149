/** What the process and its folding thread say to each other. Structured clones: plain data only. */
import type { FoldReport } from "./fold.ts";
import type { Position } from "./journal-segments.ts";

export interface FoldSettings {
  /** The data folder. */
  readonly dir: string;
  /** The statement comes from the description of the tables, which the thread does not load: that alone takes half a second of CPU. */
  readonly insertSettlement: string;
}

/** A finished statement and its positional parameters. */
export interface Statement {
  readonly sql: string;
  readonly params: readonly unknown[];
}

export type FoldRequest =
  | { readonly id: number; readonly kind: "fold"; readonly until: Position }
  | { readonly id: number; readonly kind: "query"; readonly until: Position; readonly statement: Statement }
  | { readonly id: number; readonly kind: "close" };

export type FoldAnswer =
  | { readonly id: number; readonly kind: "fold"; readonly report: FoldReport }
  | { readonly id: number; readonly kind: "query"; readonly report: FoldReport; readonly rows: readonly unknown[] }
  | { readonly id: number; readonly kind: "closed" }
  | { readonly id: number; readonly kind: "failed"; readonly message: string };
