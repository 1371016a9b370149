/** Runs a table of cases at once: each case has a faulty engine of its own, one run without and one with a backend that may take over. */
import Database from "better-sqlite3";
import { join } from "node:path";
import { z } from "zod";
import type { RawAnswer } from "../../edge/support/raw.ts";
import { until } from "../../edge/support/until.ts";
import type { Case } from "../cases/case.ts";
import { ask } from "./ask.ts";
import { FaultyFleet } from "./fleet.ts";
import { Scripted } from "./scripted.ts";

const row = z.object({
  request: z.string(),
  model: z.string(),
  outcome: z.string(),
  status: z.number(),
  backend: z.string().nullable(),
  attempts: z.number(),
  usage_source: z.string(),
  prompt_tokens: z.number(),
  completion_tokens: z.number(),
  held: z.number(),
  amount: z.number(),
});

export type LedgerRow = z.infer<typeof row>;

/** The ledger on the disk; whole once the gateway has ended. */
export function ledgerRows(dataDir: string): readonly LedgerRow[] {
  const database = new Database(join(dataDir, "bailiwick.db"), { readonly: true });
  try {
    return z.array(row).parse(database.prepare("select * from settlement order by position").all());
  } finally {
    database.close();
  }
}

export interface CaseRun {
  readonly answer: RawAnswer;
  /** Settlements of this run's model. */
  readonly rows: readonly LedgerRow[];
  /** Requests that the faulty engine and the spare one saw. */
  readonly turns: number;
  readonly spareTurns: number;
}

/** Good requests before the cases: they earn the retries that the cases take. */
const EARNING_REQUESTS = 300;
const ABREAST = 20;

interface Lane {
  readonly model: string;
  readonly server: Scripted;
  readonly stream: boolean;
  readonly spare: boolean;
  answer?: RawAnswer;
}

export class CaseRuns {
  readonly #lanes: readonly Lane[];
  readonly #fleet: FaultyFleet;
  #rows: readonly LedgerRow[] = [];
  holdsOpen = -1;

  private constructor(lanes: readonly Lane[], fleet: FaultyFleet) {
    this.#lanes = lanes;
    this.#fleet = fleet;
  }

  static async of(cases: readonly Case[]): Promise<CaseRuns> {
    const lanes = await Promise.all(cases.flatMap((each, at) => [laneOf(each, at, false), laneOf(each, at, true)]));
    const places = lanes.map(({ model, server, spare }) => ({ model, urls: [server.url], spare }));
    const runs = new CaseRuns(lanes, await FaultyFleet.start({ places }));
    await runs.#run();
    return runs;
  }

  async #run(): Promise<void> {
    const { port } = this.#fleet;
    for (let sent = 0; sent < EARNING_REQUESTS; sent += ABREAST) {
      await Promise.all(Array.from({ length: ABREAST }, () => ask({ port, model: "none" })));
    }
    await Promise.all(
      this.#lanes.map(
        async (lane) => void (lane.answer = await ask({ port, model: lane.model, stream: lane.stream, content: lane.model })),
      ),
    );
    await until("everything is settled", () => this.#fleet.holdsOpen === 0).catch(() => undefined);
    this.holdsOpen = this.#fleet.holdsOpen;
    await this.#fleet.stop();
    await Promise.all(this.#lanes.map(({ server }) => server.close()));
    this.#rows = ledgerRows(this.#fleet.dataDir);
  }

  alone(at: number): CaseRun {
    return this.#runOf(at * 2);
  }

  spared(at: number): CaseRun {
    return this.#runOf(at * 2 + 1);
  }

  #runOf(place: number): CaseRun {
    const lane = this.#lanes[place];
    if (lane?.answer === undefined) throw new TypeError(`no run ${String(place)}`);
    const named = `"${lane.model}"`;
    return {
      answer: lane.answer,
      rows: this.#rows.filter(({ model }) => model === lane.model),
      turns: lane.server.turns.length,
      spareTurns: this.#fleet.spare.turns.filter(({ body }) => body.includes(named)).length,
    };
  }

  get trespasses(): readonly string[] {
    return this.#fleet.trespasses;
  }

  get turnsMax(): number {
    return Math.max(...this.#lanes.map(({ server }) => server.turns.length));
  }

  remove(): void {
    this.#fleet.remove();
  }
}

async function laneOf(each: Case, at: number, spare: boolean): Promise<Lane> {
  const model = `${spare ? "spared" : "alone"}-${String(at)}`;
  return { model, server: await Scripted.start(each.does), stream: each.stream, spare };
}
