/** Starts a generation for any of vLLM's routes: its head, its queue's refusal, its place in the metrics. */
import { Generation, type Part, type Sink, type Tally } from "../generation.ts";
import type { Knobs } from "../faults.ts";
import type { Exchange } from "../loopback-server.ts";
import type { Vllm } from "./options.ts";
import { BUSY } from "./refusal.ts";
import { errorFrames, sendJson, streamHead } from "./replies.ts";

export interface Run {
  readonly knobs: Knobs;
  readonly parts: readonly Part[];
  readonly sink: Sink;
  readonly tally: Tally;
  readonly stream: boolean;
}

/** A stream has its 200 before the engine was asked: that it is busy comes as a frame. */
export function run(vllm: Vllm, exchange: Exchange, { knobs, parts, sink, tally, stream }: Run): void {
  const { answer } = exchange;
  const watched = vllm.metrics.watch(sink, parts);
  const generation = new Generation({ engine: vllm.engine, answer, knobs, parts, sink: watched, notices: "at-once", tally });
  const begun = generation.start();
  if (stream) streamHead(vllm, exchange);
  if (begun) return;
  if (stream) answer.end(errorFrames(BUSY));
  else sendJson(vllm, exchange, { status: 503, value: BUSY });
}
