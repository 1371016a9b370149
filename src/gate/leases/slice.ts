/** What this process may use of one scope's limits: leases that an ordinary gate reads as if they were the limits themselves. */
import type { Month } from "../../admission/month.ts";
import type { Limits } from "../../domain/tenancy.ts";
import type { Scope } from "../../ports.ts";
import { LIMIT_OF, nameOf, RESOURCES, type Grant, type Resource } from "./lease.ts";

/** What is leased of one limit. */
export interface Lease {
  readonly resource: Resource;
  readonly name: string;
  /** The limit under which it was granted. */
  limit: number;
  amount: number;
  /** The limit has changed since: what is leased may be used up but not used again, until something is granted under the new one. */
  stale: boolean;
  /** What nobody had leased when that was told last. */
  left: number;
  /** Nobody had enough to give: until then (monotonic) it is not asked again for so much. */
  refusedUntilMs: number;
  /** As told with the refusal. */
  waitMs: number | undefined;
}

/**
 * A lease of 3 tokens reads as 3.5: amounts are whole, so no more fits than into 3, but a lease of 0 is not the limit 0, which refuses even
 * what takes nothing. A request always takes one.
 */
const NOT_ZERO = { requests: 0, tokens: 0.5, concurrency: 0, budget: 0.5 } as const;

export class Slice implements Limits {
  readonly scope: Scope;
  readonly id: string;
  requestsPerMinute: number | undefined;
  tokensPerMinute: number | undefined;
  concurrency: number | undefined;
  budgetPerMonth: number | undefined;
  /** Monotonic. */
  usedAtMs = 0;
  readonly #leases = new Map<string, Lease>();
  #limits: Limits | undefined;
  #month: Month = 0;

  constructor(scope: Scope, id: string) {
    this.scope = scope;
    this.id = id;
  }

  /** Takes note of what is declared, and of the month that runs. Cheap when both are as before. */
  adopt(limits: Limits, month: Month): void {
    if (this.#limits === limits && this.#month === month) return;
    this.#limits = limits;
    this.#month = month;
    for (const resource of RESOURCES) {
      const limit = limits[LIMIT_OF[resource]];
      if (limit !== undefined && limit > 0) this.#renew(resource, limit);
      else this[LIMIT_OF[resource]] = limit;
    }
  }

  /** The limit as declared. */
  limitOf(resource: Resource): number | undefined {
    return this.#limits?.[LIMIT_OF[resource]];
  }

  /** Of the month that runs; undefined: there is no limit, or one of 0. */
  leaseOf(resource: Resource): Lease | undefined {
    return this.#leases.get(this.#nameOf(resource));
  }

  get leases(): readonly Lease[] {
    return [...this.#leases.values()];
  }

  /** Enters what was used of a limit that this process has not met: nothing more may be used of it before it asks. */
  enter(name: string, resource: Resource): Lease {
    const lease: Lease = { resource, name, limit: 0, amount: 0, stale: true, left: 0, refusedUntilMs: 0, waitMs: undefined };
    this.#leases.set(name, lease);
    return lease;
  }

  named(name: string): Lease | undefined {
    return this.#leases.get(name);
  }

  /** What was dropped while it was being asked about. */
  keep(lease: Lease): void {
    this.#leases.set(lease.name, lease);
  }

  granted(lease: Lease, { amount, left }: Grant): void {
    lease.amount += amount;
    lease.left = left;
    if (amount > 0) lease.stale = false;
    this.#show(lease);
  }

  /** @param by below 0: given back */
  change(lease: Lease, by: number): void {
    lease.amount += by;
    this.#show(lease);
  }

  drop(lease: Lease): void {
    this.#leases.delete(lease.name);
    if (this.leaseOf(lease.resource) === undefined) this.#limits = undefined;
  }

  #renew(resource: Resource, limit: number): void {
    const name = this.#nameOf(resource);
    const known = this.#leases.get(name);
    if (known !== undefined && known.limit !== limit) {
      known.limit = limit;
      known.stale = true;
      known.refusedUntilMs = 0;
    }
    const lease = known ?? { resource, name, limit, amount: 0, stale: false, left: limit, refusedUntilMs: 0, waitMs: undefined };
    this.#leases.set(name, lease);
    this.#show(lease);
  }

  /** Leases of another month than the one that runs are kept for what still settles. */
  #show(lease: Lease): void {
    if (lease.name !== this.#nameOf(lease.resource)) return;
    this[LIMIT_OF[lease.resource]] = (lease.stale ? 0 : lease.amount) + NOT_ZERO[lease.resource];
  }

  #nameOf(resource: Resource): string {
    return nameOf({ resource, scope: this.scope, id: this.id, month: resource === "budget" ? this.#month : 0 });
  }
}
