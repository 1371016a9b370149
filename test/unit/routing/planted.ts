/** Backends and candidates for the tests of routing. */
import type { RoutingProfile } from "../../../src/domain/estate.ts";
import type { Backend } from "../../../src/domain/fleet.ts";
import { backendId, modelId, operatorId, siteId } from "../../../src/domain/ids.ts";
import type { Candidate } from "../../../src/routing/fleet.ts";
import type { Scorer } from "../../../src/routing/scorers/scorer.ts";

export const MODEL = modelId("llama");

export function backend(id: string, change: Partial<Backend> = {}): Backend {
  const model = { id: MODEL, contextTokensMax: 8_192, completionTokensMax: undefined, capabilities: new Set(["chat"] as const) };
  return {
    id: backendId(id),
    operator: operatorId("op"),
    site: siteId("site"),
    engine: "vllm",
    baseUrl: `http://${id}.test`,
    credential: undefined,
    models: new Map([[MODEL, { model, servedName: "meta/llama", chatTemplate: undefined }]]),
    facts: { facts: new Map(), certificates: [] },
    weight: 1,
    concurrencyMax: 16,
    ...change,
  };
}

export function candidate(
  id: string,
  change: Partial<Omit<Candidate, "backend">> & { readonly backend?: Partial<Backend> } = {},
): Candidate {
  return { state: "up", inFlight: 0, load: undefined, firstByteMsEwma: undefined, ...change, backend: backend(id, change.backend) };
}

export function profile(picker: RoutingProfile["picker"], weights: Partial<RoutingProfile["weights"]> = {}): RoutingProfile {
  return { name: "test", picker, weights: { queue: 0, inFlight: 0, kvUse: 0, latency: 0, price: 0, weight: 0, ...weights } };
}

/** Gives the numbers in turn, then the last one for ever. */
export function randomOf(...units: number[]): { unit(): number } {
  let at = 0;
  return { unit: () => units[Math.min(at++, units.length - 1)] ?? 0 };
}

/** A generator with a seed (xorshift, 32 bits). */
export function seeded(seed: number): { unit(): number } {
  let state = seed | 1;
  return {
    unit: () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return (state >>> 0) / 2 ** 32;
    },
  };
}

/** A clock that stands until it is moved. */
export class StandingClock {
  ms = 0;
  monotonicMs(): number {
    return this.ms;
  }
}

export function saidBy(scorer: Scorer, candidates: readonly Candidate[]): readonly number[] {
  const said: number[] = [];
  scorer(candidates, said);
  return said;
}
