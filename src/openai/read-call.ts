/** Turns a caller's bytes into a Call: the one place where a request body is understood. */
import { BOUNDS } from "../bounds.ts";
import { CAPABILITY_OF, type Call, type Wire } from "../domain/call.ts";
import type { Alias } from "../domain/tenancy.ts";
import { Fault } from "../faults.ts";
import { checkParameters, holdsNumbers } from "./check.ts";
import { elements, isTrue, readNumber, readString, scan, scanObject, type Checks, type Member, type Scanned } from "./json-scan.ts";
import { BYTE } from "./json-skip.ts";
import { mediaParts } from "./media.ts";
import { mediaInPairs, pairsSize } from "./rerank/pairs.ts";
import { checkResponsesRequest } from "./responses/request.ts";

/** The alias of that name that this caller may use; undefined: none, whatever the reason. */
export type Resolve = (modelName: string) => Alias | undefined;

/** Fields whose bytes end up in front of the model; pairs are reckoned by themselves. */
const PROMPT_FIELDS: Readonly<Record<Exclude<Wire, "rerank" | "score">, readonly string[]>> = {
  chat: ["messages", "tools", "functions", "response_format"],
  completions: ["prompt", "suffix"],
  embeddings: ["input"],
  tokenize: ["prompt", "messages", "tools"],
  responses: ["instructions", "input", "tools", "text"],
};

const BYTES_PER_TOKEN = 4;

/** @throws Fault invalid_utf8, invalid_json, duplicate_parameter, model_not_found and those of checkParameters */
export function readCall(wire: Wire, body: Buffer, resolve: Resolve, checks: Checks): Call {
  const scanned = scan(body, checks);
  checkParameters(wire, body, scanned);
  const { fields } = scanned;
  const capability = CAPABILITY_OF[wire];
  const generates = capability === "chat" || capability === "completions";
  const stream = generates && isTrue(body, fields.get("stream"));
  const media = mediaIn(wire, body, fields);
  const prompt = wire === "rerank" || wire === "score" ? pairsSize(wire, body, fields) : promptSize(wire, body, fields);
  return {
    capability,
    wire,
    body,
    fields,
    closeAt: scanned.closeAt,
    alias: findAlias(body, scanned, resolve),
    stream,
    includeUsage: stream && (wire === "responses" || wantsUsage(body, fields)),
    promptTokensEstimate: Math.max(1, prompt.tokens),
    // The engine turns media into tokens that no byte count bounds.
    promptTokensMax: prompt.tokensMax + media * BOUNDS.mediaPartTokensMax + BOUNDS.templateTokensMax,
    completionTokensAsked: generates ? completionTokensAsked(wire, body, fields) : 0,
    choices: choices(wire, body, fields),
  };
}

/** How many parts carry media. @throws Fault for what a request to this endpoint must not carry */
function mediaIn(wire: Wire, body: Buffer, fields: Scanned["fields"]): number {
  if (wire === "responses") return checkResponsesRequest(body, fields);
  if (wire === "rerank" || wire === "score") return mediaInPairs(body, fields);
  // At every other endpoint: vLLM embeds and tokenizes messages too.
  const messages = fields.get("messages");
  return messages === undefined ? 0 : mediaParts(body, messages);
}

function findAlias(body: Buffer, scanned: Scanned, resolve: Resolve): Alias {
  const member = scanned.fields.get("model");
  const name = member === undefined ? undefined : readString(body, member);
  if (name === undefined) throw new Fault("invalid_value", { text: "Invalid value for 'model': not a readable string.", param: "model" });
  const alias = resolve(name);
  if (alias === undefined) throw modelNotFound(name);
  return alias;
}

/** The same answer for a model that does not exist and for one that this caller may not use. */
export function modelNotFound(name: string): Fault {
  return new Fault("model_not_found", { text: `The model \`${name}\` does not exist or you do not have access to it.`, param: "model" });
}

function wantsUsage(body: Buffer, fields: Scanned["fields"]): boolean {
  const options = fields.get("stream_options");
  return options !== undefined && body[options.start] === BYTE.brace && isTrue(body, scanObject(body, options).fields.get("include_usage"));
}

/** The larger of the two names for the same bound: engines differ in which one they obey. */
function completionTokensAsked(wire: Wire, body: Buffer, fields: Scanned["fields"]): number | undefined {
  if (wire === "responses") return readNumber(body, fields.get("max_output_tokens"));
  const old = readNumber(body, fields.get("max_tokens"));
  const current = readNumber(body, fields.get("max_completion_tokens"));
  return old === undefined || current === undefined ? (current ?? old) : Math.max(old, current);
}

function choices(wire: Wire, body: Buffer, fields: Scanned["fields"]): number {
  if (wire !== "chat" && wire !== "completions") return 1;
  const each = Math.max(readNumber(body, fields.get("n")) ?? 1, readNumber(body, fields.get("best_of")) ?? 1);
  const prompt = wire === "completions" ? fields.get("prompt") : undefined;
  return prompt === undefined || prompt.count < 2 || holdsNumbers(body, prompt) ? each : each * prompt.count;
}

export interface PromptSize {
  /** A guess. */
  tokens: number;
  /** No tokenizer makes more. */
  tokensMax: number;
}

function promptSize(wire: keyof typeof PROMPT_FIELDS, body: Buffer, fields: Scanned["fields"]): PromptSize {
  const size: PromptSize = { tokens: 0, tokensMax: 0 };
  let bytes = 0;
  for (const name of PROMPT_FIELDS[wire]) {
    const member = fields.get(name);
    if (member === undefined) continue;
    const ids = name === "prompt" || name === "input" ? tokenIds(body, member) : 0;
    size.tokens += ids;
    size.tokensMax += ids;
    if (ids > 0) continue;
    bytes += member.end - member.start;
  }
  size.tokens += Math.ceil(bytes / BYTES_PER_TOKEN);
  size.tokensMax += bytes;
  return size;
}

/** How many token ids a prompt consists of; 0 when it is text. */
function tokenIds(body: Buffer, prompt: Member): number {
  if (prompt.count === 0) return 0;
  if (holdsNumbers(body, prompt)) return prompt.count;
  let ids = 0;
  for (const element of elements(body, prompt)) {
    // Lists next to texts are for the engine to refuse; as text they are bounded in any case.
    if (!holdsNumbers(body, element)) return 0;
    ids += element.count;
  }
  return ids;
}
