/**
 * What each inference endpoint asks of its parameters, as one table per endpoint. Only what OpenAI's contract fixes is checked here;
 * where vLLM takes more than OpenAI the wider range stands, and unknown parameters pass, since they may be the engine's own.
 */
import { BOUNDS } from "../bounds.ts";
import type { Wire } from "../domain/call.ts";
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

/** What is kept, run elsewhere or moved from chat is judged in responses/request.ts. */
const RESPONSES = {
  model: MODEL,
  input: { ...STRING_OR_ARRAY, required: true, countMin: 1, countMax: BOUNDS.messagesMax },
  instructions: STRING,
  max_output_tokens: TOKENS,
  max_tool_calls: { ...INTEGER, min: 1 },
  temperature: SAMPLING.temperature,
  top_p: SAMPLING.top_p,
  top_logprobs: { ...INTEGER, min: 0, max: 20 },
  presence_penalty: SAMPLING.presence_penalty,
  frequency_penalty: SAMPLING.frequency_penalty,
  stop: SAMPLING.stop,
  seed: INTEGER,
  tools: ARRAY,
  tool_choice: STRING_OR_OBJECT,
  parallel_tool_calls: BOOLEAN,
  text: OBJECT,
  reasoning: OBJECT,
  include: ARRAY,
  truncation: { ...STRING, oneOf: ["auto", "disabled"] },
  stream: BOOLEAN,
  stream_options: OBJECT,
  store: BOOLEAN,
  background: BOOLEAN,
  metadata: OBJECT,
  user: STRING,
  service_tier: STRING,
  safety_identifier: STRING,
  prompt_cache_key: STRING,
  cache_salt: STRING,
} as const satisfies Record<string, Rule>;

const ONE_OR_MANY: Rule = {
  kinds: ["string", "array", "object"],
  expected: "a string or an array",
  countMin: 1,
  countMax: BOUNDS.rerankDocumentsMax,
};

/** As Jina and Cohere have it; vLLM's own members pass. */
const RERANK = {
  model: MODEL,
  query: { ...STRING_OR_OBJECT, required: true },
  documents: { ...ARRAY, required: true, countMin: 1, countMax: BOUNDS.rerankDocumentsMax },
  top_n: { ...INTEGER, min: 0 },
  return_documents: BOOLEAN,
  user: STRING,
} as const satisfies Record<string, Rule>;

/** vLLM's: each of the first with its neighbour of the second, or one with all. Which names go together is judged in rerank/pairs.ts. */
const SCORE = {
  model: MODEL,
  text_1: ONE_OR_MANY,
  text_2: ONE_OR_MANY,
  data_1: ONE_OR_MANY,
  data_2: ONE_OR_MANY,
  queries: ONE_OR_MANY,
  documents: ONE_OR_MANY,
  items: ONE_OR_MANY,
  user: STRING,
} as const satisfies Record<string, Rule>;

const ruleMap = (rules: Readonly<Record<string, Rule>>): Rules => new Map(Object.entries(rules));

export const PARAMETERS: Readonly<Record<Wire, Rules>> = {
  chat: ruleMap(CHAT),
  completions: ruleMap(COMPLETIONS),
  embeddings: ruleMap(EMBEDDINGS),
  tokenize: ruleMap(TOKENIZE),
  responses: ruleMap(RESPONSES),
  rerank: ruleMap(RERANK),
  score: ruleMap(SCORE),
};

/** Names without which a call means nothing, in the order in which they are missed. */
export const REQUIRED: Readonly<Record<Wire, readonly string[]>> = {
  chat: ["model", "messages"],
  completions: ["model", "prompt"],
  embeddings: ["model", "input"],
  tokenize: ["model"],
  responses: ["model", "input"],
  rerank: ["model", "query", "documents"],
  score: ["model"],
};
