/** Deterministic numbers from a seed, so that a simulated engine says and does the same in every run. */

/** A small generator (32 bits of state): good enough for jitter and prose, never for secrets. */
export class SeededRandom {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** [0, 1) */
  unit(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    return mix(this.#state) / 0x1_0000_0000;
  }

  /** A whole number in [0, end). */
  below(end: number): number {
    return Math.floor(this.unit() * end);
  }

  /** `digits` lower-case hex digits. */
  hex(digits: number): string {
    let text = "";
    while (text.length < digits) text += this.below(0x1_0000).toString(16).padStart(4, "0");
    return text.slice(0, digits);
  }
}

/** 32-bit hash of a text under a seed; equal inputs give equal numbers on every machine. */
export function hashText(text: string, seed: number): number {
  let hash = (seed ^ 0x811c9dc5) >>> 0;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193) >>> 0;
  return mix(hash);
}

/** 32-bit hash of numbers, chained from `seed`. */
export function hashNumbers(numbers: readonly number[], seed: number): number {
  let hash = seed >>> 0;
  for (const number of numbers) hash = Math.imul(hash ^ number, 0x01000193) >>> 0;
  return mix(hash);
}

function mix(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 0;
}
