/** What the process and its folding thread say to each other. Structured clones: plain data only. */
import type { Orphan } from "../ports.ts";
import type { FoldReport } from "./fold.ts";
import type { Position } from "./journal-segments.ts";
import type { Statement } from "./statement.ts";

export interface FoldSettings {
  /** The data folder. */
  readonly dir: string;
  /** The statement comes from the description of the tables, which the thread does not load: that alone takes half a second of CPU. */
  readonly insertSettlement: string;
  /** Whose journal; the data folder's own when left out. */
  readonly lane?: number;
}

/** `lane`: whose journal; the data folder's own when left out. */
export type FoldRequest =
  | { readonly id: number; readonly kind: "fold"; readonly until: Position; readonly lane?: number | undefined }
  | { readonly id: number; readonly kind: "orphans"; readonly until: Position; readonly lane?: number | undefined }
  | {
      readonly id: number;
      readonly kind: "query";
      readonly until: Position;
      readonly lane?: number | undefined;
      readonly statement: Statement;
    }
  | { readonly id: number; readonly kind: "close" };

export type FoldAnswer =
  | { readonly id: number; readonly kind: "fold"; readonly report: FoldReport }
  | { readonly id: number; readonly kind: "query"; readonly report: FoldReport; readonly rows: readonly unknown[] }
  | { readonly id: number; readonly kind: "orphans"; readonly orphans: readonly Orphan[] }
  | { readonly id: number; readonly kind: "closed" }
  | { readonly id: number; readonly kind: "failed"; readonly message: string };
