/** Everything that is declared, as one frozen value that a reload swaps in one assignment. */
import type { FactSheet } from "./facts.ts";
import type { Backend, Model, Operator, Site } from "./fleet.ts";
import type { BackendId, ModelId, MspId, OperatorId, ProjectId, SiteId, TenantId } from "./ids.ts";
import type { Level } from "./law.ts";
import type { Key, Msp, Project, Tenant } from "./tenancy.ts";

/** A policy document as parsed, not yet compiled: policies/ judges its content. `where` names file and line for errors. */
export interface PolicySource {
  readonly level: Exclude<Level, "request">;
  /** Whose it is: operator, MSP, tenant, project or key id; "" for the platform. */
  readonly subject: string;
  readonly document: unknown;
  /** File and 1-based line of a path inside the document, for errors: where(["rules", 0, "require"]). */
  readonly where: (path: readonly (string | number)[]) => string;
}

/** How routing weighs what it knows; every number >= 0. */
export interface RoutingProfile {
  readonly name: string;
  readonly weights: {
    readonly queue: number;
    readonly inFlight: number;
    readonly kvUse: number;
    readonly latency: number;
    readonly price: number;
    readonly weight: number;
  };
  /** How the pick is made among the scored. */
  readonly picker: "power-of-two" | "best" | "weighted-random";
}

/** How long one exchange with an engine may take, in milliseconds. */
export interface Deadlines {
  /** From sending to the status line. */
  readonly firstByteMsMax: number;
  /** Silence once the answer has begun. */
  readonly betweenBytesMsMax: number;
  /** From sending to the last byte. */
  readonly totalMsMax: number;
}

/** Settings of the process that a reload may change only in part (listening addresses need a restart). */
export interface Settings {
  readonly listen: readonly {
    readonly host: string;
    readonly port: number;
    /** This port answers for one MSP whatever the Host header says. */ readonly msp: MspId | undefined;
  }[];
  readonly admin: {
    readonly host: string;
    readonly port: number;
    /** SHA-256 of the admin secret, base64url; undefined: admin API off. */ readonly keyHash: string | undefined;
  };
  /** CIDR ranges whose forwarded headers are believed. */
  readonly trustedProxies: readonly string[];
  readonly dataDir: string;
  readonly fsync: boolean;
  readonly logLevel: "silent" | "error" | "warn" | "info" | "debug";
  readonly deadlines: Deadlines;
}

/** Where traces and metrics are sent over OTLP: a sink with facts of its own, judged like a backend. */
export interface Exporter {
  /** http(s)://host[:port][/prefix]; each signal has a path of its own behind it. */
  readonly endpoint: string;
  /** Sent with every export, by lower-case name; secrets. */
  readonly headers: ReadonlyMap<string, string>;
  /** undefined: it stands at no declared site, so no operator here has a say in it. */
  readonly standing: { readonly site: SiteId; readonly operator: OperatorId } | undefined;
  readonly facts: FactSheet;
  readonly serviceName: string;
  /** Share of the requests whose spans are exported, 0 to 1. */
  readonly tracesRatio: number;
  readonly metricsIntervalMs: number;
}

export interface Declared {
  readonly settings: Settings;
  readonly operators: ReadonlyMap<OperatorId, Operator>;
  readonly sites: ReadonlyMap<SiteId, Site>;
  readonly models: ReadonlyMap<ModelId, Model>;
  readonly backends: ReadonlyMap<BackendId, Backend>;
  readonly msps: ReadonlyMap<MspId, Msp>;
  readonly tenants: ReadonlyMap<TenantId, Tenant>;
  readonly projects: ReadonlyMap<ProjectId, Project>;
  readonly keys: readonly Key[];
  readonly policies: readonly PolicySource[];
  /** Facts of this cell. */
  readonly self: FactSheet;
  /** Absent: traces and metrics leave the cell on no path but `/metrics`. */
  readonly exporter?: Exporter;
  readonly routing: RoutingProfile;
  /** Base URLs of other cells that a caller may be pointed to, by country code. */
  readonly cells: readonly { readonly country: string; readonly baseUrl: string }[];
}
