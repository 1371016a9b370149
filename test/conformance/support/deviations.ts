/** Where answers differ from OpenAI's description and are meant to: each with its reason. Anything that is not here is a failure. */

/** One thing that is not as described, wherever it occurs. */
export interface Finding {
  /** What the answer was taken for: chat, chunk, completion, embeddings, model, models, error, usage, costs, response, event. */
  readonly kind: string;
  /** JSON pointer; every position in a list is "*". */
  readonly at: string;
  /** Keyword of JSON Schema, or json, sse, content-type, path. */
  readonly rule: string;
  readonly text: string;
  readonly times: number;
}

interface Deviation {
  readonly kinds: readonly string[];
  readonly at: RegExp;
  readonly rules: readonly string[];
  readonly reason: string;
}

const CHAT = ["chat", "chunk"];
const TEXT = ["chat", "chunk", "completion"];
/** A response stands by itself, and inside of events. */
const RESPONSE = ["response", "event"];

export const DEVIATIONS: readonly Deviation[] = [
  {
    kinds: ["error"],
    at: /^\/error\/sovereignty$/,
    rules: ["additionalProperties"],
    reason: "A refusal explains itself as data, beside OpenAI's four members.",
  },
  {
    kinds: ["completion"],
    at: /^\/choices\/\*\/finish_reason$/,
    rules: ["type", "enum"],
    reason: "OpenAI describes the frames of a stream by the type of the whole answer; its own frames have null here until the last.",
  },
  {
    kinds: ["embeddings"],
    at: /^\/data\/\*\/embedding$/,
    rules: ["type"],
    reason: "A client that asks for base64 gets base64; the description knows only the other format.",
  },
  {
    kinds: TEXT,
    at: /^\/(prompt_logprobs|prompt_token_ids|prompt_text|kv_transfer_params|ec_transfer_params|metrics|service_tier)$/,
    rules: ["additionalProperties"],
    reason: "vLLM's own members pass untouched (invariant 7); clients ignore what they do not know.",
  },
  {
    kinds: TEXT,
    at: /^\/choices\/\*\/(stop_reason|token_ids|routed_experts|prompt_logprobs|prompt_token_ids)$/,
    rules: ["additionalProperties"],
    reason: "vLLM's own members pass untouched (invariant 7).",
  },
  {
    kinds: CHAT,
    at: /^\/choices\/\*\/(message|delta)\/(reasoning|reasoning_content)$/,
    rules: ["additionalProperties"],
    reason: "What a model thought, where OpenAI has no place for it; clients that show it read it here.",
  },
  {
    kinds: [...TEXT, "embeddings"],
    at: /^\/usage\/(prompt_tokens_details\/(created_cache_tokens|multimodal_tokens)|(prompt|completion)_tokens_details|completion_tokens)$/,
    rules: ["additionalProperties", "type"],
    reason: "vLLM says more of its counts than is described, and null where it has none.",
  },
  {
    kinds: TEXT,
    at: /^\/(system_fingerprint|choices\/\*\/message\/annotations|choices\/\*\/message\/audio)$/,
    rules: ["type"],
    reason: "vLLM writes null where the description leaves the member out; clients read both alike.",
  },
  {
    kinds: CHAT,
    at: /^\/choices\/\*\/logprobs\/refusal$/,
    rules: ["required"],
    reason: "vLLM has no refusals, and leaves their probabilities out.",
  },
  {
    kinds: ["embeddings"],
    at: /^\/(id|created)$/,
    rules: ["additionalProperties"],
    reason: "vLLM's own members pass untouched (invariant 7).",
  },
  {
    kinds: RESPONSE,
    at: /^(\/response)?\/output_text$/,
    rules: ["required"],
    reason: "OpenAI's clients make this member themselves; it is never on the wire.",
  },
  {
    kinds: RESPONSE,
    at: /^(\/response)?\/access_programs$/,
    rules: ["required"],
    reason: "Programmes of OpenAI's own, which nobody else has; clients read its absence like its null.",
  },
  {
    kinds: RESPONSE,
    at: /^(\/response)?\/(store|presence_penalty|frequency_penalty)$/,
    rules: ["additionalProperties"],
    reason: "The open description of this interface demands them, and OpenAI's own answers have them.",
  },
  {
    kinds: RESPONSE,
    at: /^(\/response)?\/(user|usage|text)$/,
    rules: ["type"],
    reason: "Unset settings are null, as the open description wants them, and so is usage until there is any.",
  },
  {
    kinds: ["event"],
    at: /^\/name$/,
    rules: ["additionalProperties"],
    reason: "The end of a call's arguments names the function: the open description demands it.",
  },
  {
    kinds: RESPONSE,
    at: /^(\/response)?\/(kv_transfer_params|ec_transfer_params|input_messages|output_messages)$/,
    rules: ["additionalProperties"],
    reason: "vLLM's own members pass untouched (invariant 7).",
  },
  {
    kinds: RESPONSE,
    at: /^(\/response)?\/usage\/(input|output)_tokens_details\/(\w+_per_turn|tool_output_tokens)$/,
    rules: ["additionalProperties"],
    reason: "vLLM says more of its counts than is described.",
  },
  {
    kinds: RESPONSE,
    at: /^(\/part|\/item\/content\/\*|(\/response)?\/output\/\*\/content\/\*)\/logprobs$/,
    rules: ["type"],
    reason: "vLLM writes null where nobody asked for probabilities.",
  },
  {
    kinds: ["response", "event"],
    at: /\/(tools|output|item)(\/\*)?\/(async|namespace|defer_loading)$|^\/(response\/)?text\/format\/description$/,
    rules: ["type"],
    reason: "Where vLLM speaks Responses itself it writes null for what the description leaves out (invariant 7).",
  },
];

/** Whether that is meant to be so. */
export function isMeant({ kind, at, rule }: Finding): boolean {
  return DEVIATIONS.some((deviation) => deviation.kinds.includes(kind) && deviation.rules.includes(rule) && deviation.at.test(at));
}
