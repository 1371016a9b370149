/** Reads OpenAI's messages and tools into what chat templates know: plain texts, tool calls with their arguments as objects. */
import { Fault } from "../../faults.ts";
import { isGiven, isList, isRecord, type Members, unsupported, wrongType, wrongValue } from "./body.ts";

export interface Message {
  readonly role: string;
  readonly content: string;
  readonly name?: string;
  readonly tool_calls?: readonly TemplateCall[];
  readonly tool_call_id?: string;
}

/** A call as templates write it: with arguments as an object. */
export interface TemplateCall {
  readonly id?: string;
  readonly type: "function";
  readonly function: { readonly name: string; readonly arguments: Members };
}

/** OpenAI's roles as chat templates know them. */
const ROLES: ReadonlyMap<string, string> = new Map([
  ["system", "system"],
  ["developer", "system"],
  ["user", "user"],
  ["assistant", "assistant"],
  ["tool", "tool"],
]);

/** @param tools whether the template can write tool calls and their results @throws Fault invalid_type, invalid_value, unsupported_parameter */
export function readMessages(messages: unknown, tools: boolean): readonly Message[] {
  if (!isList(messages)) throw wrongType("messages", "an array of objects");
  return messages.map((message, at) => readMessage(message, `messages[${String(at)}]`, tools));
}

function readMessage(message: unknown, at: string, tools: boolean): Message {
  if (!isRecord(message)) throw wrongType(at, "an object");
  const given = message["role"];
  if (typeof given !== "string") throw wrongType(`${at}.role`, "a string");
  const role = ROLES.get(given);
  if (role === undefined || (role === "tool" && !tools)) throw unsupported(`${at}.role`);
  for (const name of ["function_call", "audio"]) if (isGiven(message[name])) throw unsupported(`${at}.${name}`);
  const content = readContent(message["content"], `${at}.content`);
  const { name, tool_call_id: callId } = message;
  return {
    role,
    content,
    ...(typeof name === "string" ? { name } : {}),
    ...(role === "tool" && typeof callId === "string" ? { tool_call_id: callId } : {}),
    ...readCalls(message["tool_calls"], `${at}.tool_calls`, tools),
  };
}

function readContent(content: unknown, at: string): string {
  if (typeof content === "string") return content;
  if (!isGiven(content)) return "";
  if (!isList(content)) throw wrongType(at, "a string or an array");
  return content.map((part, index) => readPart(part, `${at}[${String(index)}]`)).join("");
}

function readPart(part: unknown, at: string): string {
  if (!isRecord(part)) throw wrongType(at, "an object");
  if (part["type"] !== "text") throw unsupported(`${at}.type`);
  const text = part["text"];
  if (typeof text !== "string") throw wrongType(`${at}.text`, "a string");
  return text;
}

function readCalls(calls: unknown, at: string, tools: boolean): Pick<Message, "tool_calls"> {
  if (!isGiven(calls)) return {};
  if (!isList(calls)) throw wrongType(at, "an array");
  if (calls.length === 0) return {};
  if (!tools) throw unsupported(at);
  return { tool_calls: calls.map((call, index) => readCall(call, `${at}[${String(index)}]`)) };
}

function readCall(call: unknown, at: string): TemplateCall {
  const made = isRecord(call) ? call["function"] : undefined;
  if (!isRecord(call) || !isRecord(made)) throw wrongType(at, "an object with a function");
  const { name, arguments: given } = made;
  if (typeof name !== "string") throw wrongType(`${at}.function.name`, "a string");
  const id = call["id"];
  return {
    ...(typeof id === "string" ? { id } : {}),
    type: "function",
    function: { name, arguments: readArguments(given, `${at}.function.arguments`) },
  };
}

/** OpenAI has them as JSON text; templates want the object. */
function readArguments(given: unknown, at: string): Members {
  if (typeof given !== "string") throw wrongType(at, "a string");
  let value: unknown;
  try {
    value = given.trim() === "" ? {} : JSON.parse(given);
  } catch {
    throw wrongValue(at, "not a JSON object");
  }
  if (!isRecord(value)) throw wrongValue(at, "not a JSON object");
  return value;
}

/** A function that may be called, as OpenAI describes it. */
export interface Tool {
  readonly name: string;
  /** JSON Schema of its arguments. */
  readonly parameters: Members;
  /** As the caller gave it, for the template. */
  readonly described: Members;
}

/** @throws Fault invalid_type, unsupported_parameter */
export function readTools(tools: unknown): readonly Tool[] {
  if (!isGiven(tools)) return [];
  if (!isList(tools)) throw wrongType("tools", "an array");
  return tools.map((tool, index) => readTool(tool, `tools[${String(index)}]`));
}

function readTool(tool: unknown, at: string): Tool {
  if (!isRecord(tool)) throw wrongType(at, "an object");
  if (tool["type"] !== "function") throw unsupported(`${at}.type`);
  const described = tool["function"];
  if (!isRecord(described)) throw wrongType(`${at}.function`, "an object");
  const { name, parameters } = described;
  if (typeof name !== "string" || name === "") throw wrongType(`${at}.function.name`, "a string");
  if (isGiven(parameters) && !isRecord(parameters)) throw wrongType(`${at}.function.parameters`, "an object");
  return { name, parameters: isRecord(parameters) ? parameters : { type: "object", properties: {} }, described: tool };
}

/** Whom the model has to call: nobody, whom it likes, anybody, or this one. */
export type ToolChoice = { readonly kind: "none" | "auto" | "required" } | { readonly kind: "named"; readonly tool: Tool };

/** @throws Fault invalid_type, invalid_value */
export function readToolChoice(choice: unknown, tools: readonly Tool[]): ToolChoice {
  if (!isGiven(choice)) return { kind: tools.length === 0 ? "none" : "auto" };
  if (choice === "none" || choice === "auto") return { kind: tools.length === 0 ? "none" : choice };
  if (tools.length === 0)
    throw new Fault("invalid_value", { text: "'tool_choice' is only allowed when 'tools' are given.", param: "tool_choice" });
  if (choice === "required") return { kind: "required" };
  const named = isRecord(choice) && choice["type"] === "function" ? choice["function"] : undefined;
  const name = isRecord(named) ? named["name"] : undefined;
  if (typeof name !== "string") throw unsupported("tool_choice");
  const tool = tools.find((each) => each.name === name);
  if (tool === undefined) throw wrongValue("tool_choice", "no tool has this name");
  return { kind: "named", tool };
}
