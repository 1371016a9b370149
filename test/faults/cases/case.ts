/** What a case is: what the engine does, and the documented answer. docs/reference/upstream-faults.md has the same table for people. */
import type { Script } from "../support/scripted.ts";
import { COMPLETION_TOKENS, USAGE } from "../support/answers.ts";

export interface Expected {
  readonly status: number;
  /** Of the error: as a status, or in band where the status is 200. Absent: there is none. */
  readonly code?: string;
  /** What the caller has read. */
  readonly text: string;
  readonly outcome: "served" | "failed";
  readonly source: "backend" | "counted" | "estimated" | "none";
  readonly completionTokens: number;
  /** The whole seconds of `retry-after`. */
  readonly retryAfter?: string;
  /** Whether another lawful backend answers instead. */
  readonly elsewhere: boolean;
}

export interface Case {
  readonly name: string;
  readonly stream: boolean;
  readonly does: Script;
  readonly expects: Expected;
}

export const TEXT = "hello there";

/** As if nothing were wrong. */
export const SERVED: Expected = {
  status: 200,
  text: TEXT,
  outcome: "served",
  source: "backend",
  completionTokens: COMPLETION_TOKENS,
  elsewhere: false,
};

/** Nothing reached the caller, and nothing is charged; another backend may do better. */
export function failed(status: number, code: string, more: Partial<Expected> = {}): Expected {
  return { status, code, text: "", outcome: "failed", source: "none", completionTokens: 0, elsewhere: true, ...more };
}

export const FAILED = failed(502, "engine_failed");
export const TIMED_OUT = failed(504, "engine_timeout");

/** It broke after "hello": five bytes of text that nobody counted are two tokens. */
export function brokeOff(code: string, more: Partial<Expected> = {}): Expected {
  return { status: 200, code, text: "hello", outcome: "failed", source: "estimated", completionTokens: 2, elsewhere: false, ...more };
}

export const CUT = brokeOff("engine_failed");

/** The answer is whole, but its count is not to be believed: eleven bytes are three tokens. */
export const UNCOUNTED: Expected = { ...SERVED, source: "estimated" };

/** The same bytes for either form of answer. */
export function both(name: string, does: Script, expects: Expected): readonly Case[] {
  return [streamed(name, does, expects), whole(name, does, expects)];
}

export const streamed = (name: string, does: Script, expects: Expected): Case => ({ name, stream: true, does, expects });
export const whole = (name: string, does: Script, expects: Expected): Case => ({ name, stream: false, does, expects });

/** A script that writes once and leaves the connection open. */
export function says(bytes: string | Buffer): Script {
  return (turn) => turn.write(bytes);
}

const LATER_MS = 150;

/** A script that writes again when what it wrote first has been read: in one read both would be one piece, of which nothing had gone out. */
export function saysThen(first: string | Buffer, later: string | Buffer): Script {
  return (turn) => {
    turn.write(first);
    setTimeout(() => turn.write(later), LATER_MS);
  };
}

/** A script that writes once and then ends the connection. */
export function saysAndEnds(bytes: string | Buffer): Script {
  return (turn) => turn.finish(bytes);
}

export const lying = (count: Readonly<Record<string, unknown>>): unknown => ({ ...USAGE, ...count });
