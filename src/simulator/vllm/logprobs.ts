/** Log probabilities of simulated tokens: invented, but the same for the same token, and never above zero. */
import { hashText } from "../seeded.ts";
import { WORDS } from "../vocabulary.ts";

function logprobOf(token: string): number {
  return -0.05 - (hashText(token, 11) % 4_000) / 1_000;
}

/** Other tokens that could have been, less likely than `token`. */
function others(token: string, count: number): { readonly token: string; readonly logprob: number }[] {
  const start = hashText(token, 17) % WORDS.length;
  const first = logprobOf(token);
  return Array.from({ length: count }, (_, index) => ({
    token: ` ${WORDS[(start + index) % WORDS.length] ?? ""}`,
    logprob: first - 0.125 * (index + 1),
  }));
}

function entry(token: string, logprob: number): { token: string; logprob: number; bytes: number[] } {
  return { token, logprob, bytes: [...Buffer.from(token)] };
}

/** The `logprobs` of a chat choice or delta. */
export function chatLogprobs(tokens: readonly string[], top: number): unknown {
  const content = tokens.map((token) => {
    const chosen = entry(token, logprobOf(token));
    const rest = others(token, Math.max(0, top - 1)).map((other) => entry(other.token, other.logprob));
    return { ...chosen, top_logprobs: top === 0 ? [] : [chosen, ...rest] };
  });
  return { content };
}

/** The `logprobs` of a completion choice or frame; `offset` is where its text begins. */
export function completionLogprobs(tokens: readonly string[], top: number, offset: number): unknown {
  let at = offset;
  const offsets = tokens.map((token) => {
    const start = at;
    at += token.length;
    return start;
  });
  return {
    text_offset: offsets,
    token_logprobs: tokens.map(logprobOf),
    tokens: [...tokens],
    top_logprobs: tokens.map((token) =>
      Object.fromEntries(
        [{ token, logprob: logprobOf(token) }, ...others(token, Math.max(0, top - 1))].map((one) => [one.token, one.logprob]),
      ),
    ),
  };
}
