/** A long prompt with text outside ASCII: where a gateway that parses pays by the byte. */
import type { Scenario } from "../bench.ts";
import { CPU_PER_REQUEST, FIRST_P50, FIRST_P99, PER_SECOND, RSS_PEAK } from "../sample-table.ts";
import { runRatio } from "./ratio.ts";

const BODY_BYTES = 200_000;

export const body200k: Scenario = {
  name: "body200k",
  run: (bench) =>
    runRatio(bench, {
      title: "Prompt of 200 kB with text outside ASCII, JSON answer, closed loop, 8 connections",
      key: "body200k.cpu_ratio_nginx",
      warmUp: { mode: "closed", connections: 8, requests: 1_000, bodyBytes: BODY_BYTES },
      load: { mode: "closed", connections: 8, seconds: 6, bodyBytes: BODY_BYTES },
      columns: [CPU_PER_REQUEST, PER_SECOND, FIRST_P50, FIRST_P99, RSS_PEAK],
      noisy: PER_SECOND,
    }),
};
