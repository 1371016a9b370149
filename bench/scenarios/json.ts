/** The small request of every day: 370 bytes in, one JSON answer out. */
import type { Scenario } from "../bench.ts";
import { CPU_PER_REQUEST, FIRST_P50, FIRST_P99, PER_SECOND, RSS_PEAK } from "../sample-table.ts";
import { runRatio } from "./ratio.ts";

const BODY_BYTES = 370;

export const json: Scenario = {
  name: "json",
  run: (bench) =>
    runRatio(bench, {
      title: "Small JSON: 370 B body, closed loop, 32 connections",
      key: "json.cpu_ratio_nginx",
      warmUp: { mode: "closed", connections: 32, requests: 8_000, bodyBytes: BODY_BYTES },
      load: { mode: "closed", connections: 32, seconds: 8, bodyBytes: BODY_BYTES },
      columns: [CPU_PER_REQUEST, PER_SECOND, FIRST_P50, FIRST_P99, RSS_PEAK],
      noisy: PER_SECOND,
    }),
};
