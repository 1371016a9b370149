/** What must be true before and after a measurement, or its numbers are worth nothing: keys are checked, answers are right, everything is metered. */
import { z } from "zod";
import { ask } from "./ask.ts";
import type { Peer } from "./peers.ts";
import { smallChat } from "./peers.ts";

/** What the ledger has settled for the benchmark's key so far. */
export interface Settled {
  readonly requests: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
}

const chat = z.object({
  model: z.string(),
  choices: z.tuple([z.object({ message: z.object({ content: z.string() }) })]),
  usage: z.object({ completion_tokens: z.number() }),
});
const counts = z.object({ input_tokens: z.number(), output_tokens: z.number(), num_model_requests: z.number() });
const usagePage = z.object({ data: z.array(z.object({ results: z.array(counts) })) });

const DAY_S = 86_400;
/** What the mock says of every prompt, and of an answer that is no stream. */
export const PROMPT_TOKENS = 21;
export const ANSWER_TOKENS = 32;

/** @throws Error when a wrong key passes, or a right one gets a wrong answer */
export async function checkPeer(peer: Peer): Promise<void> {
  const body = smallChat(peer.model);
  if (peer.key !== undefined) {
    const { status } = await ask({ url: peer.url, key: "sk-wrong-key-0123456789abcdef", body });
    if (status !== 401) throw new Error(`${peer.name} answered a wrong key with ${String(status)}, not with 401`);
  }
  const { status, text } = await ask({ url: peer.url, key: peer.key, body });
  const parsed = status === 200 ? chat.safeParse(JSON.parse(text)) : undefined;
  if (
    parsed?.data?.model !== peer.model ||
    parsed.data.usage.completion_tokens !== ANSWER_TOKENS ||
    !parsed.data.choices[0].message.content.startsWith("the quick brown fox")
  )
    throw new Error(`${peer.name} answered ${String(status)} ${text.slice(0, 300)}`);
  await checkStream(peer);
}

async function checkStream(peer: Peer): Promise<void> {
  const { status, text } = await ask({ url: peer.url, key: peer.key, body: { ...smallChat(peer.model), stream: true } });
  const whole =
    text.includes(`"model":"${peer.model}"`) && text.split('"content":" token"').length === 2 && text.endsWith("data: [DONE]\n\n");
  if (status !== 200 || !whole) throw new Error(`${peer.name} streamed ${String(status)} ${text.slice(0, 300)}`);
}

/** Reads the ledger as a tenant does, today's and yesterday's buckets: a run may cross midnight. */
export async function settledOf(gateway: Peer): Promise<Settled> {
  const startS = Math.floor(Date.now() / 1_000) - DAY_S;
  const url = new URL(`/v1/organization/usage/completions?start_time=${String(startS)}&bucket_width=1d`, gateway.url);
  const { status, text } = await ask({ url: url.href, key: gateway.key });
  if (status !== 200) throw new Error(`usage answered ${String(status)} ${text.slice(0, 300)}`);
  const rows = usagePage.parse(JSON.parse(text)).data.flatMap(({ results }) => results);
  return {
    requests: rows.reduce((sum, row) => sum + row.num_model_requests, 0),
    promptTokens: rows.reduce((sum, row) => sum + row.input_tokens, 0),
    completionTokens: rows.reduce((sum, row) => sum + row.output_tokens, 0),
  };
}

export interface Metered {
  readonly before: Settled;
  readonly after: Settled;
  /** Requests that were made between the two, and what the mock said each of them used. */
  readonly requests: number;
  readonly completionTokensEach: number;
}

/** @throws Error when one request too few or too many was settled, or with another usage than the backend's own */
export function checkMetered({ before, after, requests, completionTokensEach }: Metered): void {
  const expected = { requests, promptTokens: requests * PROMPT_TOKENS, completionTokens: requests * completionTokensEach };
  for (const name of ["requests", "promptTokens", "completionTokens"] as const) {
    const settled = after[name] - before[name];
    if (settled !== expected[name])
      throw new Error(`the ledger settled ${String(settled)} ${name}, but ${String(expected[name])} were used: unmetered work is not fast`);
  }
}
