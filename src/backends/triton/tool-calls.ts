/** Reads calls of tools out of what a model has written about them. */
import type { ToolFormat } from "../../domain/fleet.ts";
import { isList, isRecord } from "./body.ts";

/** A call as OpenAI has it: arguments are JSON text. */
export interface ToolCall {
  readonly name: string;
  readonly arguments: string;
}

/** The calls in a hermes block, `{"name": …, "arguments": {…}}`, or in a list of them; undefined when it is no such thing. */
export function callsIn(text: string): readonly ToolCall[] | undefined {
  const value = parse(text);
  if (value === undefined) return undefined;
  const calls = (isList(value) ? value : [value]).map(callOf);
  return calls.length > 0 && calls.every((call) => call !== undefined) ? calls : undefined;
}

/** Calls in the rest of an answer, from the mark on that says that there are some. */
export function callsInRest(format: Exclude<ToolFormat, "hermes">, text: string): readonly ToolCall[] | undefined {
  return format === "llama3" ? llamaCalls(text) : mistralCalls(text);
}

/** `<|python_tag|>{…}; {…}`, with or without the tag; more than one is parted by semicolons. */
function llamaCalls(text: string): readonly ToolCall[] | undefined {
  const rest = text.replace("<|python_tag|>", "").trim();
  return callsIn(rest) ?? callsIn(`[${rest.replace(/\}\s*;\s*\{/g, "},{")}]`);
}

/** `[TOOL_CALLS][{…}, {…}]`, or of newer models `[TOOL_CALLS]name[ARGS]{…}` again and again. */
function mistralCalls(text: string): readonly ToolCall[] | undefined {
  const parts = text
    .split("[TOOL_CALLS]")
    .map((part) => part.trim())
    .filter((part) => part !== "");
  const calls = parts.map((part) => callsIn(part) ?? namedCall(part));
  return calls.length > 0 && calls.every((call) => call !== undefined) ? calls.flat() : undefined;
}

function namedCall(text: string): readonly ToolCall[] | undefined {
  const [, name, given] = /^([\w.-]{1,128})\s*(?:\[ARGS\])?\s*(\{.*\})$/s.exec(text) ?? [];
  if (name === undefined || given === undefined || parse(given) === undefined) return undefined;
  return [{ name, arguments: given }];
}

function callOf(value: unknown): ToolCall | undefined {
  if (!isRecord(value)) return undefined;
  const { name } = value;
  const given = value["arguments"] ?? value["parameters"] ?? {};
  if (typeof name !== "string" || name === "") return undefined;
  if (typeof given === "string") return { name, arguments: given };
  return isRecord(given) ? { name, arguments: JSON.stringify(given) } : undefined;
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}
