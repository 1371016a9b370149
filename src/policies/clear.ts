/** Mints clearances: the only module that can, and only for what a decision found admissible. */
import { type Clearance, claimMint } from "../domain/clearance.ts";
import type { Backend } from "../domain/fleet.ts";
import type { RequestId } from "../domain/ids.ts";
import type { Bundle } from "./bundle.ts";
import { type Decision, isGenuine } from "./decide.ts";

// Claimed while loading: there is no moment at which another module could be first.
const mint = claimMint();

/**
 * Clears one request for one backend.
 * @param bundle the newest; a reload after the decision is no error, since stillLawful() asks the newest law before every send
 * @throws Error (a broken invariant) when decide() did not make the decision, when it does not admit the backend, or when the law is older than it
 */
export function clear(bundle: Bundle, decision: Decision, backend: Backend, request: RequestId): Clearance {
  if (!isGenuine(decision)) throw new Error(`invariant broken: request ${request} brings a decision that decide() did not make`);
  if (!decision.admissible.includes(backend))
    throw new Error(`invariant broken: request ${request} asks clearance for a backend that the law excludes`);
  if (decision.epoch > bundle.epoch)
    throw new Error(`invariant broken: request ${request} was decided in epoch ${decision.epoch}, the law is of epoch ${bundle.epoch}`);
  return mint(request, backend, decision.epoch);
}
