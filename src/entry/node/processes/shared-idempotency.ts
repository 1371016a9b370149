/** `Idempotency-Key` where several processes serve: the parent keeps who carries out what. */
import type { Call } from "../../../domain/call.ts";
import type { RequestId, TenantId } from "../../../domain/ids.ts";
import { taken, wantedBy, type EndSlot, type Idempotency } from "../../../stages/idempotency.ts";
import type { Hash } from "../../../world.ts";
import type { Link } from "./link.ts";
import { verdict } from "./messages.ts";

export class SharedIdempotency implements Pick<Idempotency, "claim"> {
  readonly #link: Link;
  readonly #hash: Pick<Hash, "sha256">;

  constructor(link: Link, hash: Pick<Hash, "sha256">) {
    this.#link = link;
    this.#hash = hash;
  }

  async claim(key: string, tenant: TenantId, call: Call, request: RequestId): Promise<EndSlot> {
    const wanted = wantedBy({ key, tenant, call, request }, this.#hash);
    // No time limit: the answer comes when the request that has the key has ended.
    const said = verdict.parse(await this.#link.ask("slot", wanted, undefined));
    if (said.kind !== "yours") return taken(said);
    return taken({ kind: "yours", end: (carriedOut) => this.#link.tell("slotEnd", { request, carriedOut }) });
  }
}
