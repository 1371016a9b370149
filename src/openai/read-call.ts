/** Turns a caller's bytes into a Call: the one place where a request body is understood. */
import { BOUNDS } from "../bounds.ts";
import type { Call } from "../domain/call.ts";
import type { Capability } from "../domain/fleet.ts";
import type { Alias } from "../domain/tenancy.ts";
import { Fault } from "../faults.ts";
import { checkParameters, holdsNumbers } from "./check.ts";
import { elements, isTrue, readNumber, readString, scan, scanObject, type Checks, type Member, type Scanned } from "./json-scan.ts";
import { BYTE } from "./json-skip.ts";
import { mediaParts } from "./media.ts";

/** The alias of that name that this caller may use; undefined: none, whatever the reason. */
export type Resolve = (modelName: string) => Alias | undefined;

/** Fields whose bytes end up in front of the model. */
const PROMPT_FIELDS: Readonly<Record<Capability, readonly string[]>> = {
  chat: ["messages", "tools", "functions", "response_format"],
  completions: ["prompt", "suffix"],
  embeddings: ["input"],
  tokenize: ["prompt", "messages", "tools"],
};

const BYTES_PER_TOKEN = 4;

/** @throws Fault invalid_utf8, invalid_json, duplicate_parameter, model_not_found and those of checkParameters */
export function readCall(capability: Capability, body: Buffer, resolve: Resolve, checks: Checks): Call {
  const scanned = scan(body, checks);
  checkParameters(capability, body, scanned);
  const { fields } = scanned;
  const generates = capability === "chat" || capability === "completions";
  const stream = generates && isTrue(body, fields.get("stream"));
  const prompt = promptSize(capability, body, fields);
  // At every endpoint: vLLM embeds and tokenizes messages too.
  const messages = fields.get("messages");
  const media = messages === undefined ? 0 : mediaParts(body, messages);
  return {
    capability,
    body,
    fields,
    closeAt: scanned.closeAt,
    alias: findAlias(body, scanned, resolve),
    stream,
    includeUsage: stream && wantsUsage(body, fields),
    promptTokensEstimate: Math.max(1, prompt.tokens),
    // The engine turns media into tokens that no byte count bounds.
    promptTokensMax: prompt.tokensMax + media * BOUNDS.mediaPartTokensMax + BOUNDS.templateTokensMax,
    completionTokensAsked: generates ? completionTokensAsked(body, fields) : 0,
    choices: choices(capability, body, fields),
  };
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
function completionTokensAsked(body: Buffer, fields: Scanned["fields"]): number | undefined {
  const old = readNumber(body, fields.get("max_tokens"));
  const current = readNumber(body, fields.get("max_completion_tokens"));
  return old === undefined || current === undefined ? (current ?? old) : Math.max(old, current);
}

function choices(capability: Capability, body: Buffer, fields: Scanned["fields"]): number {
  if (capability !== "chat" && capability !== "completions") return 1;
  const each = Math.max(readNumber(body, fields.get("n")) ?? 1, readNumber(body, fields.get("best_of")) ?? 1);
  const prompt = capability === "completions" ? fields.get("prompt") : undefined;
  return prompt === undefined || prompt.count < 2 || holdsNumbers(body, prompt) ? each : each * prompt.count;
}

interface PromptSize {
  /** A guess. */
  tokens: number;
  /** No tokenizer makes more. */
  tokensMax: number;
}

function promptSize(capability: Capability, body: Buffer, fields: Scanned["fields"]): PromptSize {
  const size: PromptSize = { tokens: 0, tokensMax: 0 };
  let bytes = 0;
  for (const name of PROMPT_FIELDS[capability]) {
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
