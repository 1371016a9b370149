/** The ledger as it lies on the disk: one row per ended request. */
import Database from "better-sqlite3";
import { join } from "node:path";
import { z } from "zod";

const row = z.object({
  request: z.string(),
  tenant: z.string(),
  project: z.string(),
  model: z.string(),
  outcome: z.string(),
  status: z.number(),
  usage_source: z.string(),
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  held: z.number(),
  amount: z.number(),
  duration_ms: z.number(),
  opened_at_ms: z.number(),
  at_ms: z.number(),
});

export type SettlementRow = z.infer<typeof row>;

/** In the order in which they ended. What was not folded yet is not there. */
export function settlements(dataDir: string): readonly SettlementRow[] {
  const database = new Database(join(dataDir, "bailiwick.db"), { readonly: true });
  try {
    return z.array(row).parse(database.prepare("select * from settlement order by position").all());
  } finally {
    database.close();
  }
}
