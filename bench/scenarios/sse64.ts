/** A stream as fast as it comes: what a frame costs when there are many to a read. */
import type { Scenario } from "../bench.ts";
import { CPU_PER_FRAME, CPU_PER_REQUEST, FIRST_P99, PER_SECOND, RSS_PEAK } from "../sample-table.ts";
import { runRatio } from "./ratio.ts";

const BODY_BYTES = 370;
const STREAM = { chunks: 64, intervalUs: 0, stamped: false } as const;

export const sse64: Scenario = {
  name: "sse64",
  run: (bench) =>
    runRatio(bench, {
      title: "Stream of 64 frames without pause, closed loop, 16 connections",
      key: "sse64.cpu_ratio_nginx",
      warmUp: { mode: "closed", connections: 16, requests: 2_000, stream: STREAM, bodyBytes: BODY_BYTES },
      load: { mode: "closed", connections: 16, seconds: 6, stream: STREAM, bodyBytes: BODY_BYTES },
      columns: [CPU_PER_REQUEST, CPU_PER_FRAME, PER_SECOND, FIRST_P99, RSS_PEAK],
      noisy: PER_SECOND,
    }),
};
