/** Reads POST /v1/responses: what it asks for is turned into the chat that the engine sees. */
import { type ChatRequest, readChat } from "./chat-request.ts";
import { Fields, isRecord } from "./fields.ts";
import type { Vllm } from "./options.ts";
import { badRequest, errorBody, Refusal } from "./refusal.ts";

export interface ResponseRequest {
  readonly chat: ChatRequest;
  /** What the answer says back. */
  readonly said: {
    readonly instructions: unknown;
    readonly metadata: unknown;
    readonly temperature: number;
    readonly topP: number;
    readonly toolChoice: unknown;
    readonly tools: readonly unknown[];
    readonly reasoning: unknown;
    readonly text: unknown;
    readonly user: unknown;
  };
}

/** @throws Refusal */
export function readResponse(vllm: Vllm, fields: Fields): ResponseRequest {
  if (fields.any("input") === undefined) throw fields.missing("input");
  refuseState(fields);
  const tools = fields.list("tools") ?? [];
  const members: Record<string, unknown> = { messages: messagesOf(fields), max_tokens: fields.integer("max_output_tokens") };
  for (const name of ["model", "stream", "temperature", "top_p", "seed", "stop", "ignore_eos", "cache_salt"])
    members[name] = fields.any(name);
  if (tools.length > 0) Object.assign(members, { tools: tools.map(chatTool), tool_choice: chatChoice(fields.any("tool_choice")) });
  members["response_format"] = chatFormat(fields.object("text")?.any("format"));
  return { chat: readChat(vllm, new Fields(members, "body")), said: saidOf(fields, tools) };
}

/** As it answers without VLLM_ENABLE_RESPONSES_API_STORE; that nothing is stored it does not say. */
function refuseState(fields: Fields): void {
  if (fields.boolean("background") === true) {
    const message =
      "This vLLM engine does not support `store=True` and therefore does not support the background mode. To enable these features, set the environment variable `VLLM_ENABLE_RESPONSES_API_STORE=1` when launching the vLLM server.";
    throw new Refusal(400, errorBody(400, "invalid_request_error", { message, param: "background" }));
  }
  const previous = fields.string("previous_response_id");
  if (previous === undefined) return;
  throw new Refusal(
    404,
    errorBody(404, "invalid_request_error", { message: `Response with id '${previous}' not found.`, param: "response_id" }),
  );
}

function messagesOf(fields: Fields): readonly unknown[] {
  const instructions = fields.string("instructions");
  const input = fields.any("input");
  const items: readonly unknown[] = Array.isArray(input) ? input : [{ role: "user", content: input }];
  const messages = items.flatMap((item) => (isRecord(item) ? messageOf(item) : []));
  return instructions === undefined ? messages : [{ role: "system", content: instructions }, ...messages];
}

function messageOf(item: Readonly<Record<string, unknown>>): readonly unknown[] {
  switch (item["type"]) {
    case "function_call":
      return [{ role: "assistant", content: JSON.stringify({ name: item["name"], arguments: item["arguments"] }) }];
    case "function_call_output":
      return [{ role: "tool", content: item["output"] }];
    case "reasoning":
      return [];
    default:
      return [{ role: item["role"], content: item["content"] }];
  }
}

function chatTool(tool: unknown): unknown {
  if (isRecord(tool) && tool["type"] === "function") return { type: "function", function: tool };
  throw badRequest("Only function tools are supported by this server.", "tools");
}

function chatChoice(choice: unknown): unknown {
  return isRecord(choice) ? { type: "function", function: { name: choice["name"] } } : choice;
}

function chatFormat(format: unknown): unknown {
  return isRecord(format) && format["type"] === "json_schema" ? { type: "json_schema", json_schema: format } : format;
}

function saidOf(fields: Fields, tools: readonly unknown[]): ResponseRequest["said"] {
  return {
    instructions: fields.any("instructions") ?? null,
    metadata: fields.any("metadata") ?? null,
    temperature: fields.number("temperature") ?? 1,
    topP: fields.number("top_p") ?? 1,
    toolChoice: tools.length === 0 ? "none" : (fields.any("tool_choice") ?? "auto"),
    tools,
    reasoning: fields.any("reasoning") ?? null,
    text: fields.any("text") ?? null,
    user: fields.any("user") ?? null,
  };
}
