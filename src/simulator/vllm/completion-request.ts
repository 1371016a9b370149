/** Reads POST /v1/completions: one prompt or many, as text or as token ids. */
import { BOUNDS } from "../../bounds.ts";
import { type Directives, readDirectives } from "../directives.ts";
import type { Knobs } from "../faults.ts";
import { decode, encode } from "../tokens.ts";
import type { Fields } from "./fields.ts";
import type { Vllm } from "./options.ts";
import { badRequest } from "./refusal.ts";
import { readSampling, type Sampling, tokensMax } from "./sampling.ts";
import { forcedText } from "./tools.ts";

/** vLLM's own default for this route, in tokens. */
const COMPLETION_TOKENS_DEFAULT = 16;

export interface Prompt {
  readonly text: string;
  readonly ids: readonly number[];
  readonly directives: Directives;
  readonly tokensMax: number;
}

export interface CompletionRequest {
  readonly sampling: Sampling;
  readonly prompts: readonly Prompt[];
  /** Of all prompts together. */
  readonly promptTokens: number;
  readonly knobs: Knobs;
  readonly echo: boolean;
  /** max_tokens 0: one token is generated all the same, but not shown. */
  readonly nothing: boolean;
  /** Number of log probabilities; undefined: none. */
  readonly top: number | undefined;
  readonly forced: string | undefined;
}

/** @throws Refusal */
export function readCompletion(vllm: Vllm, fields: Fields): CompletionRequest {
  const sampling = readSampling(vllm, fields);
  if (fields.string("suffix") !== undefined)
    throw badRequest("suffix is only supported for models with FIM completion rendering", "suffix");
  const echo = fields.boolean("echo") ?? false;
  const asked = fields.integer("max_tokens") ?? COMPLETION_TOKENS_DEFAULT;
  const nothing = asked === 0 && echo;
  const prompts = readTexts(fields.any("prompt")).map(({ text, ids }): Prompt => {
    const limit = tokensMax(vllm, nothing ? 1 : asked, ids.length);
    return { text, ids, directives: readDirectives(text), tokensMax: limit };
  });
  const fail = prompts.find(({ directives }) => directives.fail !== undefined)?.directives.fail;
  return {
    sampling,
    prompts,
    promptTokens: prompts.reduce((sum, { ids }) => sum + ids.length, 0),
    knobs: { ...vllm.knobs(), ...fail },
    echo,
    nothing,
    top: fields.integer("logprobs"),
    forced: forcedText(fields),
  };
}

export interface TextAndIds {
  readonly text: string;
  readonly ids: readonly number[];
}

/** A text, token ids, or a list of either. @throws Refusal when it is none of these or empty */
function readTexts(prompt: unknown): readonly TextAndIds[] {
  if (prompt === undefined || prompt === "")
    throw badRequest("Either prompt or prompt_embeds must be provided and non-empty. (parameter=prompt)", "prompt");
  const texts = textsOf(prompt);
  if (texts.length === 0) throw badRequest("You must pass at least one prompt");
  return texts;
}

/** Also for embeddings. @throws Refusal for what is neither text nor token ids */
export function textsOf(value: unknown): readonly TextAndIds[] {
  if (typeof value === "string") return [{ text: value, ids: encode(value) }];
  if (!Array.isArray(value)) throw badRequest("A prompt is a string, a list of token ids, or a list of either", "prompt");
  if (value.length > 0 && value.every(isTokenId)) return [{ text: decode(value), ids: value }];
  if (value.length > BOUNDS.embeddingInputsMax) throw badRequest(`At most ${BOUNDS.embeddingInputsMax} prompts in one request`, "prompt");
  return value.flatMap((one: unknown) => {
    if (typeof one === "string" || (Array.isArray(one) && one.length > 0 && one.every(isTokenId))) return textsOf(one);
    throw badRequest("A prompt is a string, a list of token ids, or a list of either", "prompt");
  });
}

function isTokenId(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= 0;
}
