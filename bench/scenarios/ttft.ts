/** What the gateway adds until the first token arrives, counted from the instant at which the request was due. */
import type { Bench, Measured, Outcome, Scenario } from "../bench.ts";
import { compare } from "../comparison.ts";
import { type Column, conditionsOf, CPU_PER_REQUEST, FIRST_P50, FIRST_P99, howOf, paired, tableOf } from "../sample-table.ts";

const BODY_BYTES = 370;
const SECONDS = 12;
const CHUNKS = 8;

export const ttft: Scenario = { name: "ttft", run };

async function run(bench: Bench): Promise<Outcome> {
  const samples = await compare(bench, {
    warmUp: {
      mode: "closed",
      connections: 16,
      requests: 1_500,
      stream: { chunks: CHUNKS, intervalUs: 1_000, stamped: true },
      bodyBytes: BODY_BYTES,
    },
    load: {
      mode: "open",
      perSecond: 50,
      seconds: SECONDS,
      stream: { chunks: CHUNKS, intervalUs: 20_000, stamped: true },
      bodyBytes: BODY_BYTES,
    },
  });
  const conditions = conditionsOf(samples, FIRST_P50);
  const added = (key: Measured["key"], column: Column): readonly Measured[] => {
    const spread = paired(samples, { against: "direct", of: column.of, combine: (own, other) => own - other });
    if (spread === undefined) return [];
    return [
      { key, value: spread.median, how: howOf(bench, { seconds: SECONDS, spread, what: "each minus direct of its round", conditions }) },
    ];
  };
  return {
    title: "Time to first token, open loop, 50 streams/s",
    figures: [...added("ttft.added_p50_ms", FIRST_P50), ...added("ttft.added_p99_ms", FIRST_P99)],
    ...tableOf(samples, [FIRST_P50, FIRST_P99, CPU_PER_REQUEST]),
    remarks: [
      `Times count from the intended start, so a slow answer cannot hide the requests that waited behind it. Conditions: ${conditions}.`,
    ],
  };
}
