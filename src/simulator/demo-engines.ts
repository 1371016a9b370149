/** The engines of the demo: which simulator stands where, and what it serves. */
import type { Clock } from "../ports.ts";
import type { EngineProfile } from "./engine-model.ts";
import { TritonSimulator } from "./triton.ts";
import { VllmSimulator } from "./vllm.ts";

export const CHAT_MODEL = "harbour-8b";
export const LARGE_MODEL = "atlas-70b";
export const EMBEDDING_MODEL = "harbour-embed";

export type Simulator = VllmSimulator | TritonSimulator;

interface DemoEngine {
  readonly id: string;
  readonly engine: "vllm" | "vllm-pooling" | "triton";
  readonly models: readonly [string, ...string[]];
  readonly profile: Partial<EngineProfile>;
}

/** A person should see text appear, and not wait for it. */
const SMALL: Partial<EngineProfile> = { prefillMsPerToken: 0.1, decodeMsPerToken: 12 };
const LARGE: Partial<EngineProfile> = { prefillMsPerToken: 0.4, decodeMsPerToken: 30 };
const POOLING: Partial<EngineProfile> = { prefillMsPerToken: 0.05, decodeMsPerToken: 1 };

export const DEMO_ENGINES = [
  { id: "frankfurt", engine: "vllm", models: [CHAT_MODEL], profile: SMALL },
  { id: "frankfurt-embed", engine: "vllm-pooling", models: [EMBEDDING_MODEL], profile: POOLING },
  { id: "berlin", engine: "triton", models: [CHAT_MODEL], profile: SMALL },
  { id: "paris", engine: "vllm", models: [CHAT_MODEL], profile: SMALL },
  { id: "paris-embed", engine: "vllm-pooling", models: [EMBEDDING_MODEL], profile: POOLING },
  { id: "munich", engine: "triton", models: [CHAT_MODEL, LARGE_MODEL], profile: LARGE },
  { id: "virginia", engine: "vllm", models: [CHAT_MODEL], profile: SMALL },
  { id: "virginia-large", engine: "vllm", models: [LARGE_MODEL], profile: LARGE },
] as const satisfies readonly DemoEngine[];

export type DemoEngineId = (typeof DEMO_ENGINES)[number]["id"];

/** What an engine of the demo takes, in tokens. */
export const CONTEXT_TOKENS = { [CHAT_MODEL]: 32_768, [LARGE_MODEL]: 32_768, [EMBEDDING_MODEL]: 8_192 } as const;

/** Starts them all on free ports of loopback. Rejects, with everything closed again, when one of them cannot. */
export async function startEngines(clock: Clock, seed: number): Promise<ReadonlyMap<DemoEngineId, Simulator>> {
  const simulators = new Map(DEMO_ENGINES.map((engine, index) => [engine.id, build(engine, { clock, seed: seed + index })] as const));
  try {
    await Promise.all([...simulators.values()].map((simulator) => simulator.start(0)));
  } catch (error) {
    await stopEngines(simulators);
    throw error;
  }
  return simulators;
}

export async function stopEngines(simulators: ReadonlyMap<DemoEngineId, Simulator>): Promise<void> {
  await Promise.all([...simulators.values()].map((simulator) => simulator.stop()));
}

function build({ engine, models, profile }: DemoEngine, world: { readonly clock: Clock; readonly seed: number }): Simulator {
  if (engine === "triton") return new TritonSimulator({ ...world, models, profile, contextTokensMax: CONTEXT_TOKENS[CHAT_MODEL] });
  if (engine === "vllm") return new VllmSimulator({ ...world, models, profile, contextTokensMax: CONTEXT_TOKENS[CHAT_MODEL] });
  return new VllmSimulator({ ...world, models, profile, runner: "pooling", contextTokensMax: CONTEXT_TOKENS[EMBEDDING_MODEL] });
}
