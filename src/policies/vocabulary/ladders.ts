/** Ordered vocabularies, weakest rung first: a rule on them says at_least or at_most. */
import { EVIDENCE } from "../../domain/facts.ts";

/** Confidentiality of a request. National gradings map onto it, upwards only. */
export const CLASSES: readonly string[] = ["public", "internal", "confidential", "restricted", "secret"];

/** How much of the machine is shared with strangers. */
export const TENANCY: readonly string[] = ["shared", "isolated-process", "dedicated-node", "dedicated-cluster", "air-gapped"];

/** How much of prompts and completions reaches logs. */
export const CONTENT_LOGGING: readonly string[] = ["off", "hashed", "sampled", "full"];

/** Who holds the keys of what is stored. */
export const KEY_CUSTODY: readonly string[] = ["provider", "BYOK", "HYOK", "customer-HSM-in-country"];

export const CLASS_RANK: ReadonlyMap<string, number> = new Map(CLASSES.map((name, rank) => [name, rank]));
export const EVIDENCE_RANK: ReadonlyMap<string, number> = new Map(EVIDENCE.map((name, rank) => [name, rank]));

/** Rank of what the registry itself assigns (a backend's id, its operator's id): a name, not a claim, so no rung is asked of it. */
export const REGISTRY_RANK: number = EVIDENCE.length;
