/** Every scenario, in the order in which they run: what must be undisturbed first, what heats the machine last. */
import type { Scenario } from "./bench.ts";
import { body200k } from "./scenarios/body200k.ts";
import { cancel } from "./scenarios/cancel.ts";
import { coldstart } from "./scenarios/coldstart.ts";
import { decide } from "./scenarios/decide.ts";
import { failover } from "./scenarios/failover.ts";
import { json } from "./scenarios/json.ts";
import { paced } from "./scenarios/paced.ts";
import { processes2 } from "./scenarios/processes2.ts";
import { simulation } from "./scenarios/simulation.ts";
import { soak } from "./scenarios/soak.ts";
import { sse64 } from "./scenarios/sse64.ts";
import { streams } from "./scenarios/streams.ts";
import { ttft } from "./scenarios/ttft.ts";
import { worker } from "./scenarios/worker-stream.ts";

export const SCENARIOS: readonly Scenario[] = [
  coldstart,
  decide,
  json,
  sse64,
  paced,
  ttft,
  body200k,
  streams,
  processes2,
  cancel,
  failover,
  worker,
  soak,
  simulation,
];
