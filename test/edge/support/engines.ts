/** One simulated engine of each kind on loopback, fast enough for tests. */
import { nodeClock } from "../../../src/entry/node/clock.ts";
import type { EngineProfile } from "../../../src/simulator/engine-model.ts";
import { TritonSimulator } from "../../../src/simulator/triton.ts";
import { VllmSimulator } from "../../../src/simulator/vllm.ts";
import { SERVED } from "./estate.ts";

export interface Engines {
  readonly vllm: VllmSimulator;
  readonly triton: TritonSimulator;
  readonly embedding: VllmSimulator;
  readonly urls: { readonly vllm: string; readonly triton: string; readonly embedding: string };
  stop(): Promise<void>;
}

const QUICK: Partial<EngineProfile> = { prefillMsPerToken: 0, decodeMsPerToken: 2 };

export async function startEngines(): Promise<Engines> {
  const clock = nodeClock;
  const vllm = new VllmSimulator({ clock, models: [SERVED.vllm], profile: QUICK });
  const triton = new TritonSimulator({ clock, models: [SERVED.triton], profile: QUICK });
  const embedding = new VllmSimulator({ clock, models: [SERVED.embedding], runner: "pooling", profile: QUICK, dimensions: 16 });
  const all = [vllm, triton, embedding];
  await Promise.all(all.map((engine) => engine.start()));
  const urls = { vllm: vllm.url, triton: triton.url, embedding: embedding.url };
  return { vllm, triton, embedding, urls, stop: async () => void (await Promise.all(all.map((engine) => engine.stop()))) };
}
