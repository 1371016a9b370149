/** Fourth stage: the body, bounded, scanned once as bytes, never turned into a string. */
import { BOUNDS } from "../bounds.ts";
import type { Call, Wire } from "../domain/call.ts";
import type { Alias, Principal } from "../domain/tenancy.ts";
import { Fault } from "../faults.ts";
import { readString } from "../openai/json-scan.ts";
import { readCall } from "../openai/read-call.ts";
import type { Arrival } from "../ports.ts";
import type { World } from "../world.ts";
import type { CacheSalts } from "./cache-salt.ts";
import type { Entered } from "./ingress.ts";

/** @throws Fault of the 4xx family */
export async function read(
  arrival: Arrival,
  wire: Wire,
  who: { principal: Principal; entered: Entered },
  world: Pick<World, "hash" | "cacheSalts">,
): Promise<Call> {
  checkHead(arrival);
  const body = await arrival.body(BOUNDS.bodyBytesMax);
  const call = readCall(wire, body, (name) => resolve(name, who.principal), { isUtf8: world.hash.isUtf8 });
  const model = who.entered.estate.declared.models.get(call.alias.model);
  if (model?.capabilities.has(call.capability) === true) return salted(call, who.principal, world.cacheSalts);
  throw new Fault("model_not_found", { param: "model", text: `The model \`${call.alias.name}\` does not support this endpoint.` });
}

function salted(call: Call, { tenant }: Principal, salts: CacheSalts): Call {
  if (call.capability !== "chat" && call.capability !== "completions") return call;
  const own = call.fields.get("cache_salt");
  // The call was made a moment ago and is nobody else's yet; a copy would be one more object for each request to drag along.
  return Object.assign(call, { cacheSalt: salts.of(tenant.id, own === undefined ? undefined : readString(call.body, own)) });
}

function checkHead(arrival: Arrival): void {
  const encoding = arrival.header("content-encoding");
  if (encoding !== undefined && encoding !== "" && encoding.toLowerCase() !== "identity") throw new Fault("unsupported_encoding");
  const type = arrival.header("content-type");
  if (type !== undefined && !/^application\/json\s*(;|$)/i.test(type)) throw new Fault("unsupported_media_type");
}

/** A name that this key may use; what it may not use does not exist. */
export function resolve(name: string, principal: Principal): Alias | undefined {
  const { key, msp } = principal;
  if (key.models !== undefined && !key.models.has(name)) return undefined;
  return msp.aliases.get(name);
}
