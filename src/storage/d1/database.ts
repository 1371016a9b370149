/** D1 as far as it is used here, so that a test can put another SQLite in its place. */

export interface D1Statement {
  bind(...values: unknown[]): D1Statement;
  /** Rows as lists, in the order of the columns. */
  raw(): Promise<unknown[][]>;
  run(): Promise<unknown>;
}

export interface D1 {
  prepare(sql: string): D1Statement;
}
