/** Who asks: MSP > tenant > project > key. */
import type { KeyId, ModelId, MspId, ProjectId, TenantId } from "./ids.ts";
import type { MicroUnits, Price, PriceBook } from "./money.ts";

/** Absent means without limit at this level. NULL is not zero: 0 refuses everything. */
export interface Limits {
  readonly requestsPerMinute: number | undefined;
  readonly tokensPerMinute: number | undefined;
  /** Requests in flight. */
  readonly concurrency: number | undefined;
  /** Per calendar month, UTC. */
  readonly budgetPerMonth: MicroUnits | undefined;
}

/** A model under the name and price that one MSP sells it. */
export interface Alias {
  readonly name: string;
  readonly model: ModelId;
  readonly ownedBy: string;
  readonly price: Price;
  /** Unix seconds, shown as `created`. */
  readonly createdAtS: number;
}

export interface Brand {
  readonly name: string;
  /** Where a person gets help; shown in the texts of 401, 403, 429 and 5xx when set. */
  readonly supportUrl: string | undefined;
  /** Whether answers may carry routing diagnostics headers. */
  readonly diagnostics: boolean;
}

export interface Msp {
  readonly id: MspId;
  /** Lower case "name" or "name:port"; exact match on the Host header. */
  readonly hosts: readonly string[];
  readonly brand: Brand;
  readonly aliases: ReadonlyMap<string, Alias>;
  readonly priceBook: PriceBook;
  readonly limits: Limits;
}

export interface Tenant {
  readonly id: TenantId;
  readonly msp: MspId;
  readonly name: string;
  readonly limits: Limits;
  /** Class of a request that does not say; a rung of the class ladder. */
  readonly defaultClass: string;
}

export interface Project {
  readonly id: ProjectId;
  readonly tenant: TenantId;
  readonly name: string;
  readonly limits: Limits;
}

export interface Key {
  readonly id: KeyId;
  readonly project: ProjectId;
  readonly name: string;
  /** SHA-256 of the secret, base64url. The secret itself is never stored. */
  readonly hash: string;
  /** Last four characters of the secret, for people to recognise it. */
  readonly hint: string;
  readonly limits: Limits;
  readonly expiresAtMs: number | undefined;
  readonly revokedAtMs: number | undefined;
  readonly createdAtMs: number;
  /** Alias names; undefined: every model of the MSP. */
  readonly models: ReadonlySet<string> | undefined;
  /** CIDR ranges, IPv4 or IPv6; undefined: from anywhere. */
  readonly cidrs: readonly string[] | undefined;
  /** Is told more where the brand has diagnostics on: routing headers, and in a refusal each exclusion by place, level and reason. */
  readonly explain: boolean;
}

/** A key with everything above it, as one value. */
export interface Principal {
  readonly msp: Msp;
  readonly tenant: Tenant;
  readonly project: Project;
  readonly key: Key;
}
