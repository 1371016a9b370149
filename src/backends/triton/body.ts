/** A call's body as values, and how one of its members is refused. Triton's wire is not OpenAI's, so here a body has to be understood. */
import type { Call } from "../../domain/call.ts";
import { Fault } from "../../faults.ts";

export type Members = Readonly<Record<string, unknown>>;

/** @throws Fault invalid_json */
export function parseBody(call: Call): Members {
  let value: unknown;
  try {
    value = JSON.parse(call.body.toString("utf8"));
  } catch {
    throw new Fault("invalid_json");
  }
  if (!isRecord(value)) throw new Fault("invalid_json");
  return value;
}

export function isRecord(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value);
}

export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

export function unsupported(param: string): Fault {
  return new Fault("unsupported_parameter", { text: `This model does not support '${param}' as given.`, param });
}

export function wrongType(param: string, expected: string): Fault {
  return new Fault("invalid_type", { text: `Invalid type for '${param}': expected ${expected}.`, param });
}

export function wrongValue(param: string, why: string): Fault {
  return new Fault("invalid_value", { text: `Invalid value for '${param}': ${why}.`, param });
}
