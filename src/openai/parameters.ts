/**
 * What each inference endpoint asks of its parameters, as one table per endpoint. Only what OpenAI's contract fixes is checked here;
 * where vLLM takes more than OpenAI the wider range stands, and unknown parameters pass, since they may be the engine's own.
 */
import { BOUNDS } from "../bounds.ts";
import type { Capability } from "../domain/fleet.ts";
import type { Kind } from "./json-scan.ts";

export interface Rule {
  readonly kinds: readonly Kind[];
  /** What OpenAI calls it in "expected …, but got …". */
  readonly expected: string;
  readonly required?: boolean;
  readonly whole?: boolean;
  /** Smallest and largest number; undefined: the engine judges. */
  readonly min?: number;
  readonly max?: number;
  /** Elements of an array. */
  readonly countMin?: number;
  readonly countMax?: number;
  /** A list of numbers is one prompt, however long. */
  readonly tokenIds?: boolean;
  readonly bytesMax?: number;
  /** The only strings that are accepted. */
  readonly oneOf?: readonly string[];
}

export type Rules = ReadonlyMap<string, Rule>;

const BOOLEAN: Rule = { kinds: ["boolean"], expected: "a boolean" };
const STRING: Rule = { kinds: ["string"], expected: "a string" };
const OBJECT: Rule = { kinds: ["object"], expected: "an object" };
const ARRAY: Rule = { kinds: ["array"], expected: "an array" };
const INTEGER: Rule = { kinds: ["number"], expected: "an integer", whole: true };
const NUMBER: Rule = { kinds: ["number"], expected: "a number" };
const STRING_OR_OBJECT: Rule = { kinds: ["string", "object"], expected: "a string or an object" };
const STRING_OR_ARRAY: Rule = { kinds: ["string", "array"], expected: "a string or an array" };
const COUNT: Rule = { ...INTEGER, min: 1, max: BOUNDS.choicesMax };
const TOKENS: Rule = { ...INTEGER, min: 1, max: BOUNDS.completionTokensMax };
const MODEL: Rule = { ...STRING, required: true, bytesMax: BOUNDS.modelNameBytesMax };
const MESSAGES: Rule = { kinds: ["array"], expected: "an array of objects", countMin: 1, countMax: BOUNDS.messagesMax };

/** What chat and completions share. */
const SAMPLING = {
  model: MODEL,
  temperature: { ...NUMBER, min: 0 },
  top_p: { ...NUMBER, min: 0, max: 1 },
  n: COUNT,
  stop: { ...STRING_OR_ARRAY, countMax: 4 },
  max_tokens: TOKENS,
  presence_penalty: { ...NUMBER, min: -2, max: 2 },
  frequency_penalty: { ...NUMBER, min: -2, max: 2 },
  logit_bias: OBJECT,
  seed: INTEGER,
  user: STRING,
  cache_salt: STRING,
  stream: BOOLEAN,
  stream_options: OBJECT,
} as const satisfies Record<string, Rule>;

const CHAT = {
  ...SAMPLING,
  messages: { ...MESSAGES, required: true },
  max_completion_tokens: TOKENS,
  logprobs: BOOLEAN,
  top_logprobs: INTEGER,
  tools: ARRAY,
  tool_choice: STRING_OR_OBJECT,
  parallel_tool_calls: BOOLEAN,
  functions: ARRAY,
  function_call: STRING_OR_OBJECT,
  response_format: OBJECT,
  reasoning_effort: STRING,
  verbosity: STRING,
  modalities: ARRAY,
  audio: OBJECT,
  prediction: OBJECT,
  web_search_options: OBJECT,
  metadata: OBJECT,
  store: BOOLEAN,
  service_tier: STRING,
  safety_identifier: STRING,
  prompt_cache_key: STRING,
} as const satisfies Record<string, Rule>;

const COMPLETIONS = {
  ...SAMPLING,
  prompt: { ...STRING_OR_ARRAY, required: true, countMin: 1, countMax: BOUNDS.embeddingInputsMax, tokenIds: true },
  // With echo, zero asks for the prompt's log probabilities alone.
  max_tokens: { ...TOKENS, min: 0 },
  best_of: COUNT,
  echo: BOOLEAN,
  suffix: STRING,
  logprobs: INTEGER,
} as const satisfies Record<string, Rule>;

const EMBEDDINGS = {
  model: MODEL,
  input: { ...STRING_OR_ARRAY, required: true, countMin: 1, countMax: BOUNDS.embeddingInputsMax, tokenIds: true },
  // vLLM's other formats are not JSON and name themselves in headers.
  encoding_format: { ...STRING, oneOf: ["float", "base64"] },
  dimensions: { ...INTEGER, min: 1 },
  user: STRING,
} as const satisfies Record<string, Rule>;

const TOKENIZE = { model: MODEL, prompt: STRING, messages: MESSAGES, tools: ARRAY } as const satisfies Record<string, Rule>;

const ruleMap = (rules: Readonly<Record<string, Rule>>): Rules => new Map(Object.entries(rules));

export const PARAMETERS: Readonly<Record<Capability, Rules>> = {
  chat: ruleMap(CHAT),
  completions: ruleMap(COMPLETIONS),
  embeddings: ruleMap(EMBEDDINGS),
  tokenize: ruleMap(TOKENIZE),
};

/** Names without which a call means nothing, in the order in which they are missed. */
export const REQUIRED: Readonly<Record<Capability, readonly string[]>> = {
  chat: ["model", "messages"],
  completions: ["model", "prompt"],
  embeddings: ["model", "input"],
  tokenize: ["model"],
};
