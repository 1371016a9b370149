/** The real load: a token every 20 ms, so that each frame is a wake-up, a read and a write of its own. */
import type { Scenario } from "../bench.ts";
import { CPU_PER_FRAME, CPU_PER_REQUEST, DELAY_P50, DELAY_P99, RSS_PEAK } from "../sample-table.ts";
import { runRatio } from "./ratio.ts";

const BODY_BYTES = 370;
const CHUNKS = 50;

export const paced: Scenario = {
  name: "paced",
  run: (bench) =>
    runRatio(bench, {
      title: "Streams of 50 frames 20 ms apart, open loop, 100 streams/s",
      key: "paced.cpu_ratio_nginx",
      warmUp: {
        mode: "closed",
        connections: 32,
        requests: 1_000,
        stream: { chunks: CHUNKS, intervalUs: 1_000, stamped: true },
        bodyBytes: BODY_BYTES,
      },
      load: {
        mode: "open",
        perSecond: 100,
        seconds: 8,
        stream: { chunks: CHUNKS, intervalUs: 20_000, stamped: true },
        bodyBytes: BODY_BYTES,
      },
      columns: [CPU_PER_FRAME, CPU_PER_REQUEST, DELAY_P50, DELAY_P99, RSS_PEAK],
      noisy: DELAY_P50,
    }),
};
