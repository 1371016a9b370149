/** Takes the highest score, always: predictable, and prone to herds when several gateways see the same numbers. */

export function best(): number {
  return 0;
}
