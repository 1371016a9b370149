/** The shapes in which policies/ answers: what is admissible, what is not, and why. Data only. */
import type { Capability } from "./fleet.ts";
import type { BackendId, KeyId, ModelId, MspId, ProjectId, TenantId } from "./ids.ts";

export const LEVELS = ["platform", "operator", "msp", "tenant", "project", "key", "request"] as const;
export type Level = (typeof LEVELS)[number];

/** Why one backend is not admissible: the rule that excludes it. */
export interface Exclusion {
  readonly backend: BackendId;
  readonly level: Level;
  readonly rule: string;
  /** Attribute the rule looked at, e.g. "backend.location.country". */
  readonly attribute: string;
  readonly reason: "mismatch" | "unknown" | "expired" | "evidence" | "no-policy";
}

/** The attributes of a request that law may look at, and nothing else of it. */
export interface Question {
  readonly msp: MspId;
  readonly tenant: TenantId;
  readonly project: ProjectId;
  readonly key: KeyId;
  readonly model: ModelId;
  readonly capability: Capability;
  /** Class that applies when the request does not raise it. */
  readonly defaultClass: string;
  /** Raw `Sovereignty-Require` header, or undefined. */
  readonly require: string | undefined;
}
