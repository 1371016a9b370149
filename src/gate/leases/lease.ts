/** What processes that share limits say to each other about them: the names of what is leased, and the messages. Plain data. */
import type { Month } from "../../admission/month.ts";
import type { Limits } from "../../domain/tenancy.ts";
import type { Scope } from "../../ports.ts";

/** The four kinds of limit, in the order in which a refusal names them. */
export const RESOURCES = ["requests", "tokens", "concurrency", "budget"] as const;
export type Resource = (typeof RESOURCES)[number];

export const LIMIT_OF = {
  requests: "requestsPerMinute",
  tokens: "tokensPerMinute",
  concurrency: "concurrency",
  budget: "budgetPerMonth",
} as const satisfies Record<Resource, keyof Limits>;

/** One limit of one scope; a budget has a name for each month. */
export interface Named {
  readonly resource: Resource;
  readonly scope: Scope;
  readonly id: string;
  /** 0 for what knows no month. */
  readonly month: Month;
}

/** The id comes last: it may be anything. */
export function nameOf({ resource, scope, month, id }: Named): string {
  return `${resource} ${scope} ${String(month)} ${id}`;
}

/** @throws RangeError when it is no name */
export function namedBy(name: string): Named {
  const [, resource, scope, month, id] = /^(\w+) (\w+) (\d+) (.+)$/s.exec(name) ?? [];
  if (!isResource(resource) || !isScope(scope) || id === undefined) throw new RangeError(`not the name of a limit: ${name}`);
  return { resource, scope, month: Number(month), id };
}

function isResource(text: string | undefined): text is Resource {
  return RESOURCES.some((resource) => resource === text);
}

function isScope(text: string | undefined): text is Scope {
  return text === "key" || text === "project" || text === "tenant" || text === "msp";
}

/** A process needs more of one limit. */
export interface Want {
  readonly name: string;
  /** As the process knows it. */
  readonly limit: number;
  /** Below this a grant helps nobody. */
  readonly need: number;
  /** What all that wait for it need together. */
  readonly want: number;
  /** What the process has used beyond its lease (a limit that is new, an engine that counted more than was estimated): a fact, not a wish. */
  readonly over: number;
  /** What its own requests that run may still give back. */
  readonly held: number;
  /** When some of what it uses itself comes free, in milliseconds. */
  readonly waitMs?: number | undefined;
}

/** The answer to one want. */
export interface Grant {
  /** 0: nobody has it to give. */
  readonly amount: number;
  /** What nobody has leased now. */
  readonly left: number;
  /** When asking again may help, in milliseconds; undefined: waiting does not. */
  readonly waitMs?: number | undefined;
}

/** Asks a process for what it does not use of one limit. */
export interface Recall {
  readonly name: string;
  /** What somebody else lacks. */
  readonly need: number;
}

/** What a process gives back of one limit. */
export interface Return {
  readonly name: string;
  /** Below 0: it has used more than its lease, and the difference counts as leased from now on. */
  readonly freed: number;
  /** Of what it keeps: what requests that run may still give back. */
  readonly held: number;
  /** When some of what it keeps comes free by itself, in milliseconds. */
  readonly waitMs?: number | undefined;
}

/** Who grants: the parent process, seen from one of its processes. */
export interface Lessor {
  /** One answer for each want, in order. Rejects with Fault ledger_unavailable when nobody answers. */
  ask(wants: readonly Want[]): Promise<readonly Grant[]>;
  /** Gives back without having been asked. */
  give(returns: readonly Return[]): void;
}

/** Who holds leases: one process, seen from the parent. */
export interface Holder {
  /** One answer for each recall, in order. */
  recall(recalls: readonly Recall[]): Promise<readonly Return[]>;
}
