/** Second stage: a secret becomes a principal, or one and the same 401 for every reason that it does not. */
import { inAnyRange } from "../domain/address.ts";
import type { Principal } from "../domain/tenancy.ts";
import { Fault } from "../faults.ts";
import type { Arrival } from "../ports.ts";
import type { World } from "../world.ts";
import type { Entered } from "./ingress.ts";

/** @throws Fault missing_key, conflicting_credentials, invalid_api_key, address_not_allowed */
export function authenticate(arrival: Arrival, entered: Entered, world: Pick<World, "directory" | "hash">): Principal {
  const secret = secretOf(arrival);
  // The look-up is by hash, so its time says nothing about how much of a secret was right; the checks after it cost the same for all.
  const principal = world.directory.byKeyHash(world.hash.sha256(secret));
  if (principal === undefined || !isLive(principal, entered)) throw new Fault("invalid_api_key", { text: incorrect(secret) });
  const { cidrs } = principal.key;
  if (cidrs !== undefined && !inAnyRange(arrival.address, cidrs)) throw new Fault("address_not_allowed");
  return principal;
}

/** A key works on its own MSP's hosts only, until it expires or is revoked. */
function isLive(principal: Principal, entered: Entered): boolean {
  const { key, msp } = principal;
  const expired = key.expiresAtMs !== undefined && key.expiresAtMs <= entered.atMs;
  return msp.id === entered.msp.id && !expired && key.revokedAtMs === undefined;
}

/** The one credential of a request, from `Authorization: Bearer` or `x-api-key`. The same one twice is one. */
export function secretOf(arrival: Pick<Arrival, "values">): string {
  let secret: string | undefined;
  for (const value of arrival.values("authorization")) secret = same(secret, bearer(value));
  for (const value of arrival.values("x-api-key")) secret = same(secret, value.trim());
  if (secret === undefined || secret === "") throw new Fault("missing_key");
  return secret;
}

function bearer(value: string): string {
  const match = /^bearer +(\S+) *$/i.exec(value);
  if (match?.[1] === undefined) throw new Fault("missing_key", { text: "The Authorization header must read: Bearer YOUR_KEY." });
  return match[1];
}

function same(known: string | undefined, next: string): string {
  if (known !== undefined && known !== next) throw new Fault("conflicting_credentials");
  return next;
}

/** OpenAI's wording, with all but the ends of the presented secret masked. */
function incorrect(secret: string): string {
  const shown = secret.length > 12 && /^[\x21-\x7e]+$/.test(secret) ? `: ${secret.slice(0, 3)}***${secret.slice(-4)}` : "";
  return `Incorrect API key provided${shown}.`;
}
