/**
 * The unforgeable result of a decision: without one nothing can be sent. The right to mint is given out once per process, at load,
 * to policies/decide; whoever asks second gets an exception, so no other module can make a clearance however hard it tries.
 */
import type { Backend } from "./fleet.ts";
import type { RequestId } from "./ids.ts";

const SEAL = Symbol("clearance");

export class Clearance {
  readonly request: RequestId;
  readonly backend: Backend;
  /** Epoch of the bundle that decided. */
  readonly epoch: number;
  readonly #sealed: boolean;

  constructor(seal: symbol, request: RequestId, backend: Backend, epoch: number) {
    if (seal !== SEAL) throw new TypeError("a clearance is minted by policies/ alone");
    this.request = request;
    this.backend = backend;
    this.epoch = epoch;
    this.#sealed = true;
    // A clearance that could be turned to another backend would be one for every backend.
    Object.freeze(this);
  }

  /** True only for a value that the minter made; a structural copy or a proxy is none. */
  static is(value: unknown): value is Clearance {
    return typeof value === "object" && value !== null && #sealed in value;
  }
}

// Nor may anyone put another `is` in its place.
Object.freeze(Clearance);

export type Mint = (request: RequestId, backend: Backend, epoch: number) => Clearance;

let claimed = false;

/** Gives the right to mint to the first caller. @throws TypeError for every later one. */
export function claimMint(): Mint {
  if (claimed) throw new TypeError("the right to mint clearances has been given out");
  claimed = true;
  return (request, backend, epoch) => new Clearance(SEAL, request, backend, epoch);
}
