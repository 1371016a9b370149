/**
 * What the Responses API offers and this gateway does not: state that somebody must keep, tools that somebody must run. Each is refused by
 * name, with what to do instead, before anything is sent.
 */
import { Fault } from "../../faults.ts";
import { elements, isGiven, isTrue, readString, scanObject, type Scanned } from "../json-scan.ts";
import { BYTE } from "../json-skip.ts";
import { InputReader } from "./input.ts";
import { checkToolChoice, checkTools } from "./tools.ts";

type Fields = Scanned["fields"];

/** Names of the chat API, and where their meaning has gone. */
const MOVED: ReadonlyMap<string, string> = new Map([
  ["messages", "input"],
  ["max_tokens", "max_output_tokens"],
  ["max_completion_tokens", "max_output_tokens"],
  ["response_format", "text.format"],
  ["reasoning_effort", "reasoning.effort"],
  ["verbosity", "text.verbosity"],
  ["functions", "tools"],
  ["function_call", "tool_choice"],
  ["logprobs", "top_logprobs, with 'message.output_text.logprobs' in include"],
]);

const UNSTORED = "Responses are not stored here";

/** Refused whatever their value; each with what to do. The last two are vLLM's own ways to bring in content that nobody has checked. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ["conversation", `${UNSTORED}, nor are conversations: send all of it in 'input'.`],
  ["prompt", "Prompt templates are not stored here: send their text in 'instructions' and 'input'."],
  ["context_management", "Nothing is compacted here: shorten 'input' yourself."],
  ["n", "One answer to a request: send it again for another."],
  ["best_of", "One answer to a request: send it again for another."],
  ["previous_response", "Send the whole conversation in 'input'."],
  ["previous_input_messages", "Send the whole conversation in 'input'."],
]);

/** OpenAI's list: those of tools that are refused say nothing, and do no harm. */
const INCLUDABLE: ReadonlySet<string> = new Set([
  "code_interpreter_call.outputs",
  "computer_call_output.output.image_url",
  "file_search_call.results",
  "message.input_image.image_url",
  "message.output_text.logprobs",
  "reasoning.encrypted_content",
  "web_search_call.action.sources",
  "web_search_call.results",
]);

/** How many parts of the input carry media. @throws Fault for whatever must not be sent on */
export function checkResponsesRequest(body: Buffer, fields: Fields): number {
  checkState(body, fields);
  checkNames(body, fields);
  checkInclude(body, fields);
  checkFormat(body, fields);
  const tools = fields.get("tools");
  if (isGiven(body, tools)) checkTools(body, tools);
  const choice = fields.get("tool_choice");
  if (isGiven(body, choice)) checkToolChoice(body, choice);
  const input = fields.get("input");
  if (input === undefined || body[input.start] !== BYTE.bracket) return 0;
  const reader = new InputReader(body);
  reader.read(input);
  return reader.media;
}

function checkState(body: Buffer, fields: Fields): void {
  if (isTrue(body, fields.get("store")))
    throw unsupported("store", `${UNSTORED}: leave 'store' out or set it to false, and send the whole conversation in 'input'.`);
  if (isTrue(body, fields.get("background")))
    throw unsupported(
      "background",
      `${UNSTORED}, so none can run in the background: leave 'background' out, and set 'stream' for long answers.`,
    );
  if (isGiven(body, fields.get("previous_response_id"))) throw new Fault("previous_response_not_found", { param: "previous_response_id" });
}

function checkNames(body: Buffer, fields: Fields): void {
  for (const [name, member] of fields) {
    if (!isGiven(body, member)) continue;
    const moved = MOVED.get(name);
    if (moved !== undefined) throw unsupported(name, `In the Responses API it is called '${moved}'.`);
    const instead = REFUSED.get(name);
    if (instead !== undefined) throw unsupported(name, instead);
  }
}

function checkInclude(body: Buffer, fields: Fields): void {
  const include = fields.get("include");
  if (!isGiven(body, include)) return;
  for (const [at, each] of elements(body, include).entries()) {
    const name = readString(body, each);
    if (name === undefined || !INCLUDABLE.has(name))
      throw new Fault("invalid_value", { text: `Invalid value for 'include[${at}]'.`, param: `include[${at}]` });
  }
}

const FORMATS: ReadonlySet<string | undefined> = new Set(["text", "json_object", "json_schema"]);

function checkFormat(body: Buffer, fields: Fields): void {
  const text = fields.get("text");
  const format = isGiven(body, text) ? scanObject(body, text).fields.get("format") : undefined;
  if (!isGiven(body, format)) return;
  if (body[format.start] !== BYTE.brace)
    throw new Fault("invalid_type", { text: "Invalid type for 'text.format': expected an object.", param: "text.format" });
  const members = scanObject(body, format).fields;
  const type = members.get("type");
  const named = type === undefined ? undefined : readString(body, type);
  if (!FORMATS.has(named))
    throw new Fault("invalid_value", {
      text: "Invalid value for 'text.format.type'. Supported values are: 'text', 'json_object', and 'json_schema'.",
      param: "text.format.type",
    });
  for (const name of named === "json_schema" ? ["name", "schema"] : [])
    if (!isGiven(body, members.get(name)))
      throw new Fault("missing_parameter", { text: `Missing required parameter: 'text.format.${name}'.`, param: `text.format.${name}` });
}

function unsupported(name: string, instead: string): Fault {
  return new Fault("unsupported_parameter", { text: `Unsupported parameter: '${name}'. ${instead}`, param: name });
}
