/** SHA-256 (FIPS 180-4), synchronous and without node: modules, for the one secret that the configuration turns into a hash. */

/** Fractional parts of the cube roots of the first 64 primes. */
const ROUND_CONSTANTS = rootFractions(64, Math.cbrt);
const INITIAL_STATE = rootFractions(8, Math.sqrt);

/** Digest of UTF-8 text, as unpadded base64url. */
export function sha256(text: string): string {
  const message = padded(Buffer.from(text, "utf8"));
  const state = Uint32Array.from(INITIAL_STATE);
  for (let offset = 0; offset < message.length; offset += 64) compress(state, message.subarray(offset, offset + 64));
  const digest = Buffer.alloc(32);
  state.forEach((word, index) => digest.writeUInt32BE(word, index * 4));
  return digest.toString("base64url");
}

function padded(bytes: Buffer): Buffer {
  const message = Buffer.alloc(Math.ceil((bytes.length + 9) / 64) * 64);
  bytes.copy(message);
  message[bytes.length] = 0x80;
  message.writeBigUInt64BE(BigInt(bytes.length) * 8n, message.length - 8);
  return message;
}

function compress(state: Uint32Array, block: Buffer): void {
  const words = schedule(block);
  let [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0] = state;
  for (let round = 0; round < 64; round += 1) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const first = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + (ROUND_CONSTANTS[round] ?? 0) + (words[round] ?? 0)) | 0;
    const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => (state[index] = (state[index] ?? 0) + word));
}

function schedule(block: Buffer): Int32Array {
  const words = new Int32Array(64);
  for (let index = 0; index < 16; index += 1) words[index] = block.readInt32BE(index * 4);
  for (let index = 16; index < 64; index += 1) {
    const near = words[index - 2] ?? 0;
    const far = words[index - 15] ?? 0;
    const sigma = (rotate(far, 7) ^ rotate(far, 18) ^ (far >>> 3)) + (rotate(near, 17) ^ rotate(near, 19) ^ (near >>> 10));
    words[index] = (words[index - 16] ?? 0) + (words[index - 7] ?? 0) + sigma;
  }
  return words;
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

function rootFractions(count: number, root: (prime: number) => number): readonly number[] {
  const fractions: number[] = [];
  for (let candidate = 2; fractions.length < count; candidate += 1) {
    if (isPrime(candidate)) fractions.push(((root(candidate) % 1) * 2 ** 32) >>> 0);
  }
  return fractions;
}

function isPrime(candidate: number): boolean {
  for (let divisor = 2; divisor * divisor <= candidate; divisor += 1) if (candidate % divisor === 0) return false;
  return true;
}
