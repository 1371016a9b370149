/** The leases of one process, and the payers as its gate sees them: with what is leased in the place of what is declared. */
import type { Month } from "../../admission/month.ts";
import { BOUNDS } from "../../bounds.ts";
import { SCOPES, type Claim, type Payer, type Scope } from "../../ports.ts";
import { Rounds } from "../rounds.ts";
import { namedBy, RESOURCES, type Recall, type Resource, type Return, type Want } from "./lease.ts";
import { Slice, type Lease } from "./slice.ts";
import type { Standing, Standings } from "./standing.ts";

/** A limit that stands in the way of one claim. */
export interface Shortage {
  readonly slice: Slice;
  readonly resource: Resource;
  /** undefined: no lease can be large enough. */
  readonly lease: Lease | undefined;
  /** What is lacking beside what is leased and free. */
  readonly need: number;
}

export class Slices {
  readonly #standings: Standings;
  readonly #byScope: Readonly<Record<Scope, Map<string, Slice>>> = {
    key: new Map(),
    project: new Map(),
    tenant: new Map(),
    msp: new Map(),
  };
  readonly #rounds = SCOPES.map((scope) => new Rounds(this.#byScope[scope]));
  readonly #seen = new WeakMap<Payer, Payer>();
  #round = 0;

  constructor(standings: Standings) {
    this.#standings = standings;
  }

  /** The payer with leases for limits. */
  seen(payer: Payer, month: Month, nowMs: number): Payer {
    const key = this.#adopt("key", payer.key, { month, nowMs });
    const project = this.#adopt("project", payer.project, { month, nowMs });
    const tenant = this.#adopt("tenant", payer.tenant, { month, nowMs });
    const msp = this.#adopt("msp", payer.msp, { month, nowMs });
    const known = this.#seen.get(payer);
    if (known?.key.limits === key && known.project.limits === project && known.tenant.limits === tenant && known.msp.limits === msp)
      return known;
    const made: Payer = {
      key: { id: payer.key.id, limits: key },
      project: { id: payer.project.id, limits: project },
      tenant: { id: payer.tenant.id, limits: tenant },
      msp: { id: payer.msp.id, limits: msp, priceBook: payer.msp.priceBook },
    };
    this.#seen.set(payer, made);
    return made;
  }

  /** Every limit that this claim does not fit into as it is leased. */
  shortages(claim: Claim, month: Month): readonly Shortage[] {
    return SCOPES.flatMap((scope) => {
      const slice = this.#of(scope, claim.principal[scope].id);
      const standing = this.#standings.of(slice, month);
      return RESOURCES.flatMap(
        (resource) => shortage(slice, { resource, used: standing[resource], demand: demandOf(claim, resource) }) ?? [],
      );
    });
  }

  /** What to ask for; what is used beyond the lease, and what a changed limit has set free, is told along. */
  wantOf({ slice, resource, need }: Shortage, lease: Lease, want: number): Want {
    const standing = this.#standings.of(slice, namedBy(lease.name).month);
    const beyond = standing[resource] - lease.amount;
    const over = lease.stale ? beyond : Math.max(0, beyond);
    slice.change(lease, over);
    return { name: lease.name, limit: lease.limit, need, want, over, ...this.#hope(slice, resource, { standing, need }) };
  }

  /** Gives back what is not used. Of a limit that this process has not met it tells what it has used. */
  recall(recalls: readonly Recall[]): readonly Return[] {
    return recalls.map(({ name, need }) => {
      const { resource, scope, id, month } = namedBy(name);
      const standing = this.#standings.of({ scope, id }, month);
      const used = standing[resource];
      const slice = this.#of(scope, id);
      const lease = slice.named(name) ?? (used > 0 ? slice.enter(name, resource) : undefined);
      const freed = lease === undefined ? 0 : lease.amount - used;
      if (lease !== undefined) slice.change(lease, -freed);
      return { name, freed, ...this.#hope(slice, resource, { standing, need }) };
    });
  }

  /** Looks over one slice: of what has not been used for two windows the rest is given back. */
  tidy(nowMs: number): readonly Return[] {
    const returns: Return[] = [];
    this.#round = (this.#round + 1) % SCOPES.length;
    this.#rounds[this.#round]?.next((slice) => {
      if (nowMs - slice.usedAtMs < BOUNDS.windowMs * 2) return false;
      for (const lease of slice.leases) {
        const used = this.#standings.of(slice, namedBy(lease.name).month)[lease.resource];
        if (lease.amount !== used) returns.push({ name: lease.name, freed: lease.amount - used, held: 0 });
        slice.change(lease, used - lease.amount);
        if (used === 0) slice.drop(lease);
      }
      return slice.leases.length === 0;
    });
    return returns;
  }

  /** Everything that is not used, for good: this process leaves. */
  surrender(): readonly Return[] {
    return SCOPES.flatMap((scope) => [...this.#byScope[scope].values()].flatMap((slice) => this.recall(slice.leases.map(asRecall))));
  }

  /** Scopes that memory is spent on. */
  get kept(): number {
    return SCOPES.reduce((sum, scope) => sum + this.#byScope[scope].size, 0);
  }

  /** What of this process's own use may come free, and when. */
  #hope(slice: Slice, resource: Resource, at: { readonly standing: Standing; readonly need: number }): Pick<Return, "held" | "waitMs"> {
    const used = at.standing[resource];
    if (resource === "budget") return { held: at.standing.held };
    if (used === 0) return { held: 0 };
    if (resource === "concurrency") return { held: 0, waitMs: BOUNDS.retryAfterDefaultMs };
    return { held: 0, waitMs: this.#standings.freesMs(slice, resource, Math.min(at.need, used)) };
  }

  #adopt<S extends Scope>(scope: S, owner: Payer[S], { month, nowMs }: { readonly month: Month; readonly nowMs: number }): Slice {
    const slice = this.#of(scope, owner.id);
    slice.usedAtMs = nowMs;
    slice.adopt(owner.limits, month);
    return slice;
  }

  #of(scope: Scope, id: string): Slice {
    const slices = this.#byScope[scope];
    let slice = slices.get(id);
    if (slice === undefined) slices.set(id, (slice = new Slice(scope, id)));
    return slice;
  }
}

function demandOf({ tokens, amount }: Claim, resource: Resource): number {
  if (resource === "tokens") return tokens;
  return resource === "budget" ? amount : 1;
}

function asRecall({ name }: Lease): Recall {
  return { name, need: 0 };
}

interface Asked {
  readonly resource: Resource;
  readonly used: number;
  readonly demand: number;
}

/** undefined: it fits, as it does when nothing is asked for and the limit is not 0. */
function shortage(slice: Slice, { resource, used, demand }: Asked): Shortage | undefined {
  const limit = slice.limitOf(resource);
  if (limit === undefined || (demand === 0 && limit > 0)) return undefined;
  const lease = demand > limit ? undefined : slice.leaseOf(resource);
  const free = lease === undefined || lease.stale ? 0 : Math.max(0, lease.amount - used);
  return demand <= free && limit > 0 ? undefined : { slice, resource, lease, need: demand - free };
}
