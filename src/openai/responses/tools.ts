/** Tools of a Responses request: functions that the caller runs itself. Whatever the provider would have to run would reach hosts that no law has judged. */
import type { Slice } from "../../domain/call.ts";
import { Fault } from "../../faults.ts";
import { elements, isGiven, readString, scanObject, type Member, type Scanned } from "../json-scan.ts";
import { BYTE } from "../json-skip.ts";
import { jsonString } from "../splice.ts";
import { joined } from "./bytes.ts";

/** Members of a function in both APIs. */
const FUNCTION_MEMBERS = ["name", "description", "parameters", "strict"] as const;

/** @throws Fault unsupported_parameter, missing_parameter */
export function checkTools(body: Buffer, tools: Member): void {
  for (const [at, tool] of elements(body, tools).entries()) checkFunction(body, tool, `tools[${at}]`);
}

function checkFunction(body: Buffer, tool: Slice, path: string): void {
  const { fields, type } = typed(body, tool, path);
  if (type !== "function") throw hosted(`${path}.type`, type);
  if (!isGiven(body, fields.get("name"))) throw missing(`${path}.name`);
}

/** @throws Fault unsupported_parameter, missing_parameter */
export function checkToolChoice(body: Buffer, choice: Slice): void {
  if (body[choice.start] !== BYTE.brace) return;
  const { fields, type } = typed(body, choice, "tool_choice");
  if (type === "function") {
    if (!isGiven(body, fields.get("name"))) throw missing("tool_choice.name");
  } else if (type === "allowed_tools") {
    const tools = fields.get("tools");
    if (!isGiven(body, tools) || body[tools.start] !== BYTE.bracket) throw missing("tool_choice.tools");
    for (const [at, tool] of elements(body, tools).entries()) checkFunction(body, tool, `tool_choice.tools[${at}]`);
  } else throw hosted("tool_choice.type", type);
}

function typed(body: Buffer, value: Slice, path: string): { readonly fields: Scanned["fields"]; readonly type: string } {
  if (body[value.start] !== BYTE.brace)
    throw new Fault("invalid_type", { text: `Invalid type for '${path}': expected an object.`, param: path });
  const { fields } = scanObject(body, value);
  const member = fields.get("type");
  const type = member === undefined ? undefined : readString(body, member);
  if (type === undefined) throw missing(`${path}.type`);
  return { fields, type };
}

function hosted(param: string, type: string): Fault {
  const shown = type.replace(/[^\w.-]/g, "?").slice(0, 40);
  const text = `Unsupported value: '${shown}' at '${param}'. No tools are run here: offer a tool of type 'function' and run it yourself.`;
  return new Fault("unsupported_parameter", { text, param });
}

function missing(param: string): Fault {
  return new Fault("missing_parameter", { text: `Missing required parameter: '${param}'.`, param });
}

/** What chat is told of tools and of the choice among them; members that say nothing are left out. */
export interface ChatTools {
  readonly tools: Buffer | undefined;
  readonly choice: Buffer | undefined;
}

/** Of a request that has been checked. */
export function chatTools(body: Buffer, fields: Scanned["fields"]): ChatTools {
  const [tools, choice] = [fields.get("tools"), fields.get("tool_choice")];
  const offered = isGiven(body, tools) ? elements(body, tools).map((tool) => scanObject(body, tool).fields) : [];
  if (offered.length === 0) return { tools: undefined, choice: undefined };
  const { wanted, allowed } = isGiven(body, choice) ? chatChoice(body, choice) : { wanted: undefined, allowed: undefined };
  const kept = allowed === undefined ? offered : offered.filter((tool) => allowed.has(nameOf(body, tool)));
  if (kept.length === 0)
    throw new Fault("invalid_value", { text: "Invalid 'tool_choice.tools': none of them is in 'tools'.", param: "tool_choice.tools" });
  return { tools: list(kept.map((tool) => chatTool(body, tool))), choice: wanted };
}

function nameOf(body: Buffer, fields: Scanned["fields"]): string {
  const name = fields.get("name");
  return (name === undefined ? undefined : readString(body, name)) ?? "";
}

function chatTool(body: Buffer, fields: Scanned["fields"]): Buffer {
  const members = FUNCTION_MEMBERS.flatMap((name) => {
    const value = fields.get(name);
    return isGiven(body, value) ? [joined(`"${name}":`, body.subarray(value.start, value.end))] : [];
  });
  return joined('{"type":"function","function":{', ...between(members), "}}");
}

interface ChatChoice {
  readonly wanted: Buffer;
  /** Names to choose from; undefined: all. Engines know no such list, so the others are not shown to them. */
  readonly allowed: ReadonlySet<string> | undefined;
}

function chatChoice(body: Buffer, choice: Slice): ChatChoice {
  if (body[choice.start] !== BYTE.brace) return { wanted: body.subarray(choice.start, choice.end), allowed: undefined };
  const { fields } = scanObject(body, choice);
  const tools = fields.get("tools");
  if (tools === undefined)
    return { wanted: joined('{"type":"function","function":{"name":', jsonString(nameOf(body, fields)), "}}"), allowed: undefined };
  const mode = fields.get("mode");
  const required = mode !== undefined && readString(body, mode) === "required";
  const allowed = new Set(elements(body, tools).map((tool) => nameOf(body, scanObject(body, tool).fields)));
  return { wanted: jsonString(required ? "required" : "auto"), allowed };
}

function list(values: readonly Buffer[]): Buffer {
  return joined("[", ...between(values), "]");
}

/** With commas. */
export function between(values: readonly Buffer[]): (Buffer | string)[] {
  return values.flatMap((value, at) => (at === 0 ? [value] : [",", value]));
}
