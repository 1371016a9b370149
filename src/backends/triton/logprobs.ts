/** Log probabilities as the vLLM backend writes them, turned into OpenAI's two forms. */
import { elements, readNumber, readString, scanObject, type Scanned } from "../../openai/json-scan.ts";

interface Candidate {
  readonly token: string;
  readonly logprob: number;
}

/** One generated token, the chosen one first. */
export type TokenLogprobs = readonly [Candidate, ...Candidate[]];

/**
 * The tokens in a `logprobs` element: a JSON list with an object for each token, by token id. The chosen one comes first, which a parse into
 * an object would lose, since numbers as names are sorted. @throws Fault invalid_json
 */
export function readLogprobs(text: string): readonly TokenLogprobs[] {
  const bytes = Buffer.from(text.replace(IMPOSSIBLE, "$1-9999"));
  if (bytes.length === 0 || bytes[0] !== BRACKET) return [];
  return elements(bytes, { start: 0, end: bytes.length }).flatMap((token) => {
    const [first, ...others] = candidates(bytes, scanObject(bytes, token));
    return first === undefined ? [] : [[first, ...others] as const];
  });
}

const BRACKET = 0x5b;
/** Python writes it so; it is no JSON. Inside a text its quotes would be escaped. */
const IMPOSSIBLE = /("logprob": ?)-Infinity/g;
/** What OpenAI writes where there is no finite number. */
const LEAST = -9999;

function candidates(bytes: Buffer, { fields }: Scanned): readonly Candidate[] {
  return [...fields.values()].map((member) => {
    const one = scanObject(bytes, member).fields;
    const decoded = one.get("decoded_token");
    const logprob = readNumber(bytes, one.get("logprob"));
    return {
      token: (decoded === undefined ? undefined : readString(bytes, decoded)) ?? "",
      logprob: logprob === undefined || !Number.isFinite(logprob) ? LEAST : logprob,
    };
  });
}

/** `logprobs.content` of a chat, as JSON. */
export function chatLogprobs(tokens: readonly TokenLogprobs[], top: number): string {
  const content = tokens.map((token) => {
    const best = [...token].sort((a, b) => b.logprob - a.logprob).slice(0, top);
    return { ...withBytes(token[0]), top_logprobs: best.map(withBytes) };
  });
  return JSON.stringify({ content, refusal: null });
}

function withBytes({ token, logprob }: Candidate): object {
  return { token, logprob, bytes: [...Buffer.from(token)] };
}

/** `logprobs` of a completion, as JSON. @param offset characters of the answer before these tokens */
export function completionLogprobs(tokens: readonly TokenLogprobs[], offset: number): string {
  let at = offset;
  const offsets = tokens.map(([{ token }]) => {
    const start = at;
    at += token.length;
    return start;
  });
  return JSON.stringify({
    tokens: tokens.map(([chosen]) => chosen.token),
    token_logprobs: tokens.map(([chosen]) => chosen.logprob),
    top_logprobs: tokens.map((all) => Object.fromEntries(all.map(({ token, logprob }) => [token, logprob]))),
    text_offset: offsets,
  });
}
