/** Tokens into money: exact to the last micro-unit, rounded once per settlement, half to even. */
import type { MicroUnits, Price } from "../domain/money.ts";
import type { Usage } from "../domain/usage.ts";

const PER_TOKENS = 1_000_000;
const HALF = PER_TOKENS / 2;

/** What the usage costs. @throws RangeError when a number is no whole number from 0, or the amount is above 2^53 - 1 */
export function amountOf(usage: Usage, price: Price): MicroUnits {
  const cached = usage.cachedTokens;
  const fresh = usage.promptTokens - cached;
  return rounded(
    { tokens: fresh, price: price.inputMicroPerMillion },
    { tokens: cached, price: price.cachedInputMicroPerMillion },
    { tokens: usage.completionTokens, price: price.outputMicroPerMillion },
  );
}

/** No usage within these bounds costs more. @throws RangeError as amountOf */
export function amountMax(bounds: { readonly promptTokensMax: number; readonly completionTokensMax: number }, price: Price): MicroUnits {
  const input = Math.max(price.inputMicroPerMillion, price.cachedInputMicroPerMillion);
  return rounded(
    { tokens: bounds.promptTokensMax, price: input },
    { tokens: 0, price: 0 },
    { tokens: bounds.completionTokensMax, price: price.outputMicroPerMillion },
  );
}

interface Line {
  readonly tokens: number;
  /** Micro-units per million tokens. */
  readonly price: number;
}

/** The sum of three lines, rounded once. */
function rounded(first: Line, second: Line, third: Line): MicroUnits {
  const sum = product(first) + product(second) + product(third);
  // A double below 2^53 that came from whole numbers is exact: no product and no partial sum above it was rounded down to it.
  if (sum <= Number.MAX_SAFE_INTEGER) return halfToEven(sum);
  return halfToEvenBig(bigProduct(first) + bigProduct(second) + bigProduct(third));
}

function product({ tokens, price }: Line): number {
  if (!isCount(tokens) || !isCount(price)) throw new RangeError(`cannot price ${tokens} tokens at ${price} micro-units per million`);
  return tokens * price;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function halfToEven(millionths: number): MicroUnits {
  const rest = millionths % PER_TOKENS;
  const whole = (millionths - rest) / PER_TOKENS;
  const up = rest > HALF || (rest === HALF && whole % 2 === 1);
  return up ? whole + 1 : whole;
}

function bigProduct({ tokens, price }: Line): bigint {
  return BigInt(tokens) * BigInt(price);
}

function halfToEvenBig(millionths: bigint): MicroUnits {
  const rest = Number(millionths % BigInt(PER_TOKENS));
  const whole = millionths / BigInt(PER_TOKENS);
  const up = rest > HALF || (rest === HALF && whole % 2n === 1n);
  const amount = Number(up ? whole + 1n : whole);
  if (amount > Number.MAX_SAFE_INTEGER) throw new RangeError("an amount is above what can be held exactly");
  return amount;
}
