/** A Responses call as the chat call that means the same: for engines that speak chat alone. */
import type { Call, Slice } from "../../domain/call.ts";
import { Fault } from "../../faults.ts";
import { elements, isGiven, readMember, readString, scanObject, type Member, type Scanned } from "../json-scan.ts";
import { BYTE } from "../json-skip.ts";
import { joined } from "./bytes.ts";
import { InputReader } from "./input.ts";
import { chatMessages } from "./messages.ts";
import { between, chatTools } from "./tools.ts";

type Fields = ReadonlyMap<string, Slice>;

/** Members that are translated, or that say nothing to an engine. All others are its own and pass, as they do in chat. */
const NOT_PASSED: ReadonlySet<string> = new Set([
  ..."model input instructions tools tool_choice text reasoning include max_output_tokens top_logprobs stream stream_options".split(" "),
  ..."store background previous_response_id conversation prompt truncation metadata max_tool_calls".split(" "),
  ..."service_tier safety_identifier prompt_cache_key prompt_cache_retention prompt_cache_options context_management".split(" "),
]);

/** @throws Fault for what chat cannot say */
export function toChat(call: Call): Call {
  const { body, fields } = call;
  const members = [...chatMembers(body, fields), ...passed(call)];
  const chat = joined("{", ...between(members), call.stream ? ',"stream":true,"stream_options":{"include_usage":true}}' : "}");
  const scanned = scanObject(chat, { start: 0, end: chat.length });
  return { ...call, wire: "chat", body: chat, fields: scanned.fields, closeAt: scanned.closeAt };
}

function chatMembers(body: Buffer, fields: Fields): readonly Buffer[] {
  const given = (name: string): Slice | undefined => {
    const value = fields.get(name);
    return isGiven(body, value) ? value : undefined;
  };
  const input = given("input");
  if (input === undefined) throw new Fault("missing_parameter", { text: "Missing required parameter: 'input'.", param: "input" });
  const items = body[input.start] === BYTE.bracket ? new InputReader(body).read(input) : input;
  const { tools, choice } = chatTools(body, membersOf(body, fields));
  const reasoning = inner(body, given("reasoning"));
  const text = inner(body, given("text"));
  const values: readonly (readonly [string, Buffer | undefined])[] = [
    ["model", at(body, given("model"))],
    ["messages", chatMessages(body, given("instructions"), items)],
    ["max_tokens", at(body, given("max_output_tokens"))],
    ["tools", tools],
    ["tool_choice", choice],
    ["reasoning_effort", at(body, reasoning("effort"))],
    ["verbosity", at(body, text("verbosity"))],
    ["response_format", responseFormat(body, text("format"))],
    ...logprobs(body, given("include"), at(body, given("top_logprobs"))),
  ];
  return values.flatMap(([name, value]) => (value === undefined ? [] : [joined(`"${name}":`, value)]));
}

/** Fields of a call are plain ranges; tools are counted. */
function membersOf(body: Buffer, fields: Fields): Scanned["fields"] {
  const members = new Map<string, Member>();
  for (const name of ["tools", "tool_choice"]) {
    const slice = fields.get(name);
    if (slice !== undefined) members.set(name, readMember(body, slice.start));
  }
  return members;
}

function inner(body: Buffer, object: Slice | undefined): (name: string) => Slice | undefined {
  const fields: Fields = object === undefined ? new Map() : scanObject(body, object).fields;
  return (name) => {
    const value = fields.get(name);
    return isGiven(body, value) ? value : undefined;
  };
}

function at(body: Buffer, slice: Slice | undefined): Buffer | undefined {
  return slice === undefined ? undefined : body.subarray(slice.start, slice.end);
}

/** The one format that has members of its own keeps them one level deeper in chat. */
function responseFormat(body: Buffer, format: Slice | undefined): Buffer | undefined {
  if (format === undefined) return undefined;
  const { fields } = scanObject(body, format);
  const type = fields.get("type");
  const named = type === undefined ? undefined : readString(body, type);
  if (named === "text") return undefined;
  if (named !== "json_schema") return Buffer.from('{"type":"json_object"}');
  const members = ["name", "description", "schema", "strict"].flatMap((name) => {
    const value = fields.get(name);
    return isGiven(body, value) ? [joined(`"${name}":`, body.subarray(value.start, value.end))] : [];
  });
  return joined('{"type":"json_schema","json_schema":{', ...between(members), "}}");
}

function logprobs(body: Buffer, include: Slice | undefined, top: Buffer | undefined): readonly (readonly [string, Buffer | undefined])[] {
  const asked = include !== undefined && elements(body, include).some((each) => readString(body, each) === "message.output_text.logprobs");
  if (!asked) return [];
  return [
    ["logprobs", Buffer.from("true")],
    ["top_logprobs", top],
  ];
}

/** The caller's own words for what only its engine knows, sampling among it. */
function passed({ body, fields }: Call): readonly Buffer[] {
  const members: Buffer[] = [];
  for (const [name, slice] of fields) {
    // Without tools there is nothing to call in parallel, and engines refuse to hear of it.
    if (NOT_PASSED.has(name) || (name === "parallel_tool_calls" && !fields.has("tools"))) continue;
    members.push(joined(`${JSON.stringify(name)}:`, body.subarray(slice.start, slice.end)));
  }
  return members;
}
