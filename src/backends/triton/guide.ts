/** What an answer has to look like, as engines that can guide their decoding take it. */
import { Fault } from "../../faults.ts";
import { isGiven, isRecord, type Members, unsupported, wrongType } from "./body.ts";
import type { Tool, ToolChoice } from "./messages.ts";

/** Any JSON object, or one that follows a schema. */
export type Guide = { readonly kind: "json" } | { readonly kind: "schema"; readonly schema: Members; readonly param: string };

/** The parameter to blame when the engine takes no guides. */
export function guideParam(guide: Guide): string {
  return guide.kind === "json" ? "response_format" : guide.param;
}

/**
 * From `response_format` and from a tool that must be called: nothing but a guide makes a model call one.
 * @throws Fault invalid_type, unsupported_parameter
 */
export function guideOf(format: unknown, choice: ToolChoice, tools: readonly Tool[]): Guide | undefined {
  const wanted = formatGuide(format);
  // A model that may call or answer would have to follow two grammars.
  if (wanted !== undefined && choice.kind !== "none") throw unsupported("response_format");
  if (choice.kind === "named") return { kind: "schema", schema: choice.tool.parameters, param: "tool_choice" };
  if (choice.kind === "required") return { kind: "schema", schema: callsSchema(tools), param: "tool_choice" };
  return wanted;
}

function formatGuide(format: unknown): Guide | undefined {
  if (!isGiven(format)) return undefined;
  if (!isRecord(format)) throw wrongType("response_format", "an object");
  if (format["type"] === "text") return undefined;
  if (format["type"] === "json_object") return { kind: "json" };
  if (format["type"] !== "json_schema") throw unsupported("response_format.type");
  const named = format["json_schema"];
  const schema = isRecord(named) ? named["schema"] : undefined;
  if (!isRecord(schema)) {
    throw new Fault("missing_parameter", {
      text: "Missing required parameter: 'response_format.json_schema.schema'.",
      param: "response_format.json_schema.schema",
    });
  }
  return { kind: "schema", schema, param: "response_format" };
}

/** At least one call, each of a tool that there is with arguments that fit it. */
function callsSchema(tools: readonly Tool[]): Members {
  const calls = tools.map(({ name, parameters }) => ({
    type: "object",
    properties: { name: { type: "string", enum: [name] }, parameters },
    required: ["name", "parameters"],
  }));
  return { type: "array", minItems: 1, items: { anyOf: calls } };
}
