/** The gateway in workerd, as wrangler.toml describes it, over a D1 and objects that live as long as the test. */
import { join } from "node:path";
import { createTestHarness, type TestHarness } from "wrangler";
import { ROOT } from "../../../scripts/parts.ts";
import type { Bundle } from "../../../scripts/worker-bundle.ts";
import type { Bindings } from "../../../src/entry/worker/bindings.ts";

export interface Workerd {
  readonly harness: TestHarness;
  readonly port: number;
  readonly bindings: Bindings;
  /** Runs statements on D1, one a line. */
  execute(sql: string): Promise<void>;
  stop(): Promise<void>;
}

/** Its tables are there, and nothing is published yet. */
export async function startWorkerd(bundle: Bundle, secrets: Readonly<Record<string, string>> = {}): Promise<Workerd> {
  const harness = createTestHarness({
    root: ROOT,
    workers: [{ configPath: join(ROOT, "wrangler.toml"), prebuiltWorkerDir: bundle.folder, secrets }],
  });
  const { url } = await harness.listen();
  const handle = harness.getWorker<Record<string, unknown>>();
  await handle.applyD1Migrations("LEDGER");
  const bindings: unknown = await handle.getEnv();
  if (!isBound(bindings)) throw new TypeError("the Worker has not the bindings of wrangler.toml");
  return {
    harness,
    port: Number(url.port),
    bindings,
    execute: async (sql) => {
      for (const statement of sql.split(/;\n/)) if (statement.trim() !== "") await bindings.LEDGER.prepare(statement).run();
    },
    stop: () => harness.close(),
  };
}

function isBound(value: unknown): value is Bindings {
  return typeof value === "object" && value !== null && "LEDGER" in value && "GATE" in value;
}
