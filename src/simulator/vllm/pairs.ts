/** POST /v1/rerank and /v1/score: each text with its query, nearer when they share words. */
import type { Exchange } from "../loopback-server.ts";
import { readDirectives } from "../directives.ts";
import { type Sink, Tally } from "../generation.ts";
import { encode } from "../tokens.ts";
import { embed } from "./embeddings.ts";
import { type Fields, isRecord, readFields } from "./fields.ts";
import type { Vllm } from "./options.ts";
import { badRequest, BROKEN, invalid } from "./refusal.ts";
import { seconds, sendJson } from "./replies.ts";
import { run } from "./run.ts";
import { checkModel } from "./sampling.ts";
import { strike } from "./strike.ts";
import { stated, wholeUsage } from "./usage.ts";

/** What the tokenizer puts around a pair: [CLS] and two [SEP]. */
const FRAME_TOKENS = 3;

interface Pair {
  readonly one: string;
  readonly other: string;
  readonly ids: readonly number[];
}

/** What the engine made of all pairs. */
interface Scored {
  readonly scores: readonly number[];
  readonly promptTokens: number;
  readonly id: string;
}

export function serveRerank(vllm: Vllm, exchange: Exchange): void {
  const fields = readFields(exchange.body, exchange.header);
  if (fields.any("query") === undefined) throw fields.missing("query");
  if (fields.any("documents") === undefined) throw fields.missing("documents");
  checkModel(vllm, fields);
  const documents = textsOf(fields, "documents");
  const pairs = pair(vllm, textsOf(fields, "query"), documents);
  const top = fields.integer("top_n") ?? 0;
  score(vllm, exchange, pairs, ({ scores, promptTokens, id }, model) => {
    const results = scores
      .map((relevance_score, index) => ({ index, document: { text: documents[index], multi_modal: null }, relevance_score }))
      .sort((one, other) => other.relevance_score - one.relevance_score)
      .slice(0, top > 0 ? top : undefined);
    return { id, model, usage: usageOf(vllm, promptTokens), results };
  });
}

export function serveScore(vllm: Vllm, exchange: Exchange): void {
  const fields = readFields(exchange.body, exchange.header);
  checkModel(vllm, fields);
  const [first, second] = fields.has("queries") ? (["queries", "documents"] as const) : (["text_1", "text_2"] as const);
  if (fields.any(first) === undefined) throw fields.missing(first);
  if (fields.any(second) === undefined) throw fields.missing(second);
  const pairs = pair(vllm, textsOf(fields, first), textsOf(fields, second));
  score(vllm, exchange, pairs, ({ scores, promptTokens, id }, model) => {
    const data = scores.map((each, index) => ({ index, object: "score", score: each }));
    const usage = wholeUsage({ promptTokens, completionTokens: 0, cachedTokens: 0 }, vllm.knobs(), false);
    return { id, object: "list", created: seconds(vllm), model, data, usage };
  });
}

/** Unlike all others it has no count of completions. Null when the knob says so. */
function usageOf(vllm: Vllm, promptTokens: number): unknown {
  const knobs = vllm.knobs();
  if (knobs.usage === "absent") return null;
  const counts = stated({ promptTokens, completionTokens: 0, cachedTokens: 0 }, knobs);
  return { prompt_tokens: counts.promptTokens, total_tokens: counts.promptTokens };
}

function score(vllm: Vllm, exchange: Exchange, pairs: readonly Pair[], tell: (scored: Scored, model: string) => unknown): void {
  const fail = pairs.flatMap(({ one, other }) => [one, other]).map((text) => readDirectives(text).fail);
  const knobs = { ...vllm.knobs(), ...fail.find((each) => each !== undefined) };
  if (strike(vllm, exchange, knobs)) return;
  const parts = pairs.map(({ ids }) => ({ plan: { pieces: [""], finish: "stop" as const, stopReason: null }, prompt: ids, salt: 0 }));
  const done = (): void => {
    const scored = {
      scores: pairs.map((each) => relevance(vllm, each)),
      promptTokens: pairs.reduce((sum, { ids }) => sum + ids.length, 0),
      id: `score-${exchange.header("x-request-id") ?? vllm.random.hex(16)}`,
    };
    sendJson(vllm, exchange, { status: 200, value: tell(scored, knobs.modelName ?? vllm.options.models[0]) });
  };
  const broke = (): void => sendJson(vllm, exchange, { status: 500, value: BROKEN });
  const sink: Sink = { begin: () => undefined, token: () => undefined, done, broke };
  run(vllm, exchange, { knobs, parts, sink, tally: new Tally(), stream: false });
}

/** One with each, or each with its neighbour. @throws Refusal */
function pair(vllm: Vllm, ones: readonly string[], others: readonly string[]): readonly Pair[] {
  if (ones.length === 0) throw badRequest("At least one text element must be given");
  if (others.length === 0) throw badRequest("At least one text_pair element must be given");
  if (ones.length > 1 && ones.length !== others.length) throw badRequest("Input lengths must be either 1:1, 1:N or N:N");
  return others.map((other, at) => {
    const one = ones[ones.length === 1 ? 0 : at] ?? "";
    const ids = [...encode(one), ...encode(other), ...FRAME];
    const context = vllm.options.contextTokensMax;
    if (ids.length <= context) return { one, other, ids };
    const message = `This model's maximum context length is ${context} tokens. However, your prompt contains ${ids.length} input tokens.`;
    throw badRequest(
      `${message} Please reduce the length of the input prompt. (parameter=input_tokens, value=${ids.length})`,
      "input_tokens",
    );
  });
}

const FRAME: readonly number[] = Array.from({ length: FRAME_TOKENS }, () => 0);

function textsOf(fields: Fields, name: string): readonly string[] {
  const value = fields.any(name);
  if (typeof value === "string") return [value];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((each) => {
    if (typeof each === "string") return each;
    const input = isRecord(each) ? `<dict of ${Object.keys(each).length} items>` : String(each);
    throw invalid({ type: "string_type", loc: `body.${name}`, msg: "Input should be a valid string", input });
  });
}

/** Between 0 and 1, as a cross-encoder's: from the angle of what the two texts would embed to. */
function relevance(vllm: Vllm, { one, other }: Pair): number {
  const { seed, dimensions } = vllm.options;
  const [here, there] = [embed(encode(one), { seed, dimensions }), embed(encode(other), { seed, dimensions })];
  const cosine = here.reduce((sum, value, at) => sum + value * (there[at] ?? 0), 0);
  return 1 / (1 + Math.exp(-4 * cosine));
}
