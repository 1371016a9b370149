/** Which tool a simulated model calls: the first one allowed, with the smallest arguments its schema takes. */
import type { Directives } from "../directives.ts";
import { SchemaError, smallestDocument } from "../schema-document.ts";
import { pieces } from "../tokens.ts";
import { type Fields, isRecord } from "./fields.ts";
import type { Vllm } from "./options.ts";
import { badRequest } from "./refusal.ts";

export interface ToolCall {
  readonly name: string;
  /** A JSON object, as text. */
  readonly arguments: string;
  /** "stop" when the caller named the tool, as vLLM has it. */
  readonly finish: "stop" | "tool_calls";
  /** What the model writes around the arguments, in tokens; nobody sees it. */
  readonly openingTokens: number;
  readonly argumentTokens: number;
  /** All that the model writes. */
  readonly written: string;
}

type Choice = { readonly kind: "none" | "auto" | "required" } | { readonly kind: "named"; readonly name: string };

/** The call that answers this request, or undefined for text. @throws Refusal */
export function chooseTool(
  vllm: Vllm,
  fields: Fields,
  said: { readonly directives: Directives; readonly lastRole: string },
): ToolCall | undefined {
  const tools = fields.list("tools") ?? [];
  const choice = readChoice(fields, tools.length > 0);
  if (choice.kind === "none") return undefined;
  if (!vllm.options.toolCallParser) throw unparsed(choice);
  if (choice.kind === "auto" && prefersText(said)) return undefined;
  const functions = tools.map((tool) => (isRecord(tool) && isRecord(tool["function"]) ? tool["function"] : {}));
  const chosen = choice.kind === "named" ? functions.find((one) => one["name"] === choice.name) : functions[0];
  if (chosen === undefined)
    throw badRequest("The tool specified in `tool_choice` does not match any of the specified `tools`", "tool_choice");
  return call(chosen, choice.kind === "named" ? "stop" : "tool_calls");
}

function readChoice(fields: Fields, given: boolean): Choice {
  const value = fields.any("tool_choice");
  if (value !== undefined && value !== "none" && !given) {
    throw badRequest("When using `tool_choice`, `tools` must be set. (parameter=tool_choice)", "tool_choice");
  }
  if (!given || value === "none") return { kind: "none" };
  if (value === undefined || value === "auto") return { kind: "auto" };
  if (value === "required") return { kind: "required" };
  const named = isRecord(value) && isRecord(value["function"]) ? value["function"]["name"] : undefined;
  if (typeof named === "string") return { kind: "named", name: named };
  throw badRequest("Invalid value for `tool_choice`. (parameter=tool_choice)", "tool_choice");
}

/** A model that may choose answers in words once the tool has answered, and when it was told what to say. */
function prefersText({ directives, lastRole }: { readonly directives: Directives; readonly lastRole: string }): boolean {
  const { say, echo, tokens } = directives;
  return lastRole !== "user" || say !== undefined || echo || tokens !== undefined;
}

function unparsed(choice: Choice): ReturnType<typeof badRequest> {
  if (choice.kind === "auto") return badRequest('"auto" tool choice requires --enable-auto-tool-choice and --tool-call-parser to be set');
  const shown = choice.kind === "named" ? `function "${choice.name}"` : '"required"';
  return badRequest(`tool_choice=${shown} requires --tool-call-parser to be set`);
}

function call(chosen: Readonly<Record<string, unknown>>, finish: ToolCall["finish"]): ToolCall {
  const name = typeof chosen["name"] === "string" ? chosen["name"] : "";
  const document = documentOf(chosen["parameters"] ?? { type: "object" });
  const text = JSON.stringify(isRecord(document) ? document : {});
  const opening = `<tool_call>{"name": ${JSON.stringify(name)}, "arguments": `;
  return {
    name,
    arguments: text,
    finish,
    openingTokens: pieces(opening).length,
    argumentTokens: pieces(text).length,
    written: `${opening}${text}}</tool_call>`,
  };
}

/** What `response_format` binds the answer to; undefined: free text. @throws Refusal for a schema that cannot be followed */
export function forcedText(fields: Fields): string | undefined {
  const format = fields.object("response_format");
  const type = format?.string("type");
  if (format === undefined || type === undefined || type === "text") return undefined;
  if (type === "json_object") return "{}";
  if (type === "json_schema") return JSON.stringify(documentOf(format.object("json_schema")?.any("schema")));
  throw badRequest(`Unsupported response_format type: ${type}`, "response_format");
}

function documentOf(schema: unknown): unknown {
  try {
    return smallestDocument(schema);
  } catch (error) {
    if (error instanceof SchemaError) throw badRequest(`Grammar error: ${error.message}`);
    throw error;
  }
}
