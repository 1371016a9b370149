/** What a query is while nobody has run it yet, on whatever database. */

/** A finished statement and its positional parameters. */
export interface Statement {
  readonly sql: string;
  readonly params: readonly unknown[];
}
