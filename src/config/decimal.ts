/** Decimal text to integer micro-units, without passing through a binary fraction. */
import type { MicroUnits } from "../domain/money.ts";

/** "0.25" -> 250_000. The schema has judged the text: at most 9 digits before and 6 after the point. */
export function microUnits(text: string): MicroUnits {
  const [whole = "", fraction = ""] = text.split(".");
  return Number(whole) * 1_000_000 + Number(fraction.padEnd(6, "0"));
}
