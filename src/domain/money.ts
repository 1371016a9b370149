/** Money is integer micro-units of one ISO 4217 currency, held in a double below 2^53 (nine thousand million units). */

export type MicroUnits = number;

/** Decimal price per million tokens, already in micro-units per million tokens: "0.25" EUR is 250_000. */
export interface Price {
  readonly inputMicroPerMillion: number;
  readonly cachedInputMicroPerMillion: number;
  readonly outputMicroPerMillion: number;
}

/** A price book at one moment: its version goes into every settlement it priced. */
export interface PriceBook {
  readonly version: string;
  /** ISO 4217. */
  readonly currency: string;
}
