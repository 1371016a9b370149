/** Where a 401 is counted: whoever keeps coming without a valid key is told to wait instead, and the log says what the caller was told. */
import { BOUNDS } from "../bounds.ts";
import { blockOf } from "../domain/address.ts";
import { Fault } from "../faults.ts";
import type { Arrival } from "../ports.ts";
import type { World } from "../world.ts";

/** What was thrown, or Fault too_many_attempts in the place of a 401. */
export async function atTheDoor(thrown: unknown, { address }: Pick<Arrival, "address">, { door }: Pick<World, "door">): Promise<unknown> {
  if (door === undefined || !(thrown instanceof Fault) || thrown.kind.status !== 401) return thrown;
  const block = blockOf(address);
  const open = thrown.fault === "missing_key" ? await door.keyless(block) : await door.failed(block);
  return open ? thrown : new Fault("too_many_attempts", { retryAfterMs: BOUNDS.windowMs });
}
