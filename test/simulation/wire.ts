/** The bytes of engines: OpenAI's wire as vLLM writes it, and Triton's generate_stream. */
import type { Asked } from "./asked.ts";
import type { Chance } from "./chance.ts";
import { SECRET } from "./plain-estate.ts";

export type UsageStyle = "honest" | "twice" | "cumulative" | "absent" | "zero" | "absurd" | "negative" | "fraction" | "words";

/** What an engine has to say, before anything goes wrong. */
export interface Answer {
  /** Pieces of text by choice; a piece is a token, and a frame. */
  readonly pieces: readonly (readonly string[])[];
  readonly finish: "stop" | "length";
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly style: UsageStyle;
}

export interface Manner {
  /** What it calls itself in its answers. */
  readonly model: string;
  readonly spaced: boolean;
  readonly ending: "\n\n" | "\r\n\r\n";
  readonly comments: boolean;
  readonly noDone: boolean;
}

export const completionTokens = ({ pieces }: Answer): number => pieces.reduce((sum, each) => sum + each.length, 0);

/** A made-up statement of usage in one of the styles in which engines state it. */
function usageOf(answer: Answer, completion: number): object {
  const { promptTokens, cachedTokens, style } = answer;
  const honest = {
    prompt_tokens: promptTokens,
    total_tokens: promptTokens + completion,
    completion_tokens: completion,
    ...(cachedTokens > 0 ? { prompt_tokens_details: { cached_tokens: cachedTokens } } : {}),
  };
  if (style === "zero") return { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  if (style === "absurd")
    return { ...honest, prompt_tokens: 10 ** 13, completion_tokens: 10 ** 12, prompt_tokens_details: { cached_tokens: 10 ** 14 } };
  if (style === "negative") return { ...honest, prompt_tokens: -5, completion_tokens: -completion };
  if (style === "fraction") return { ...honest, completion_tokens: completion + 0.5 };
  if (style === "words") return { ...honest, prompt_tokens: "many", completion_tokens: null };
  return honest;
}

function textOf(value: object, { spaced }: Manner): string {
  return spaced ? JSON.stringify(value, null, 1).replace(/\n\s*/g, " ") : JSON.stringify(value);
}

/** Frames of a stream, [DONE] included. */
export function streamFrames(asked: Asked, answer: Answer, manner: Manner): readonly string[] {
  const frames: string[] = [];
  const chat = asked.shape === "chat";
  const head = {
    id: `chatcmpl-${SECRET}`,
    object: chat ? "chat.completion.chunk" : "text_completion",
    created: 1_795_354_480,
    model: manner.model,
    system_fingerprint: `${SECRET}-print`,
  };
  let spoken = 0;
  const add = (choices: readonly object[], usage?: object): void => {
    const running = answer.style === "cumulative" ? { usage: usageOf(answer, spoken) } : {};
    frames.push(`data: ${textOf({ ...head, choices, ...running, ...(usage === undefined ? {} : { usage }) }, manner)}${manner.ending}`);
    if (manner.comments) frames.push(`: ping${manner.ending}`);
  };
  const choice = (index: number, text: string | undefined, finish: string | null): object =>
    chat
      ? { index, delta: text === undefined ? {} : { content: text }, logprobs: null, finish_reason: finish }
      : { index, text: text ?? "", logprobs: null, finish_reason: finish };
  if (chat) answer.pieces.forEach((_, index) => add([{ index, delta: { role: "assistant", content: "" }, finish_reason: null }]));
  const longest = Math.max(...answer.pieces.map(({ length }) => length));
  for (let at = 0; at < longest; at += 1) {
    answer.pieces.forEach((pieces, index) => {
      const piece = pieces[at];
      if (piece === undefined) return;
      spoken += 1;
      add([choice(index, piece, null)]);
    });
  }
  answer.pieces.forEach((_, index) => add([choice(index, undefined, answer.finish)]));
  if (asked.usage && answer.style !== "absent" && answer.style !== "cumulative") add([], usageOf(answer, spoken));
  if (asked.usage && (answer.style === "twice" || answer.style === "cumulative")) add([], usageOf(answer, spoken));
  if (!manner.noDone) frames.push(`data: [DONE]${manner.ending}`);
  return frames;
}

/** One body of a call without a stream. */
export function wholeBody(asked: Asked, answer: Answer, manner: Manner): string {
  const usage = answer.style === "absent" ? {} : { usage: usageOf(answer, completionTokens(answer)) };
  if (asked.shape === "tokenize") return textOf({ count: 3, max_model_len: 512, tokens: [1, 91, 89], token_strs: null }, manner);
  if (asked.shape === "embeddings") {
    const data = [{ index: 0, object: "embedding", embedding: [0.25, -0.5, 0.125] }];
    return textOf({ id: `embd-${SECRET}`, object: "list", created: 1, model: manner.model, data, ...usage }, manner);
  }
  const chat = asked.shape === "chat";
  const choices = answer.pieces.map((pieces, index) => {
    const text = pieces.join("");
    return chat
      ? { index, message: { role: "assistant", content: text }, logprobs: null, finish_reason: answer.finish }
      : { index, text, logprobs: null, finish_reason: answer.finish };
  });
  return textOf(
    {
      id: `chatcmpl-${SECRET}`,
      object: chat ? "chat.completion" : "text_completion",
      created: 1,
      model: manner.model,
      choices,
      system_fingerprint: `${SECRET}-print`,
      ...usage,
    },
    manner,
  );
}

/** Frames of Triton's generate_stream: counts in every frame, of the frame alone; several answers as one element each. */
export function tritonFrames(asked: Asked, answer: Answer, manner: Manner): readonly string[] {
  const counts = (tokens: readonly number[]): object => {
    if (answer.style === "absent") return {};
    if (answer.style === "absurd") return { num_input_tokens: 10 ** 13, num_output_tokens: 10 ** 12 };
    if (answer.style === "negative") return { num_input_tokens: -1, num_output_tokens: -1 };
    if (answer.style === "zero") return { num_input_tokens: 0, num_output_tokens: 0 };
    return { num_input_tokens: answer.promptTokens, num_output_tokens: scalar(tokens) };
  };
  const longest = Math.max(...answer.pieces.map(({ length }) => length));
  return Array.from({ length: longest }, (_, at) => {
    const frame = {
      finish_reason: scalar(answer.pieces.map((pieces) => (at >= pieces.length - 1 ? answer.finish : "None"))),
      id: asked.request,
      model_name: manner.model,
      model_version: "1",
      ...counts(answer.pieces.map((pieces) => (at < pieces.length ? 1 : 0))),
      text_output: scalar(answer.pieces.map((pieces) => pieces[at] ?? "")),
    };
    return `data: ${textOf(frame, manner)}${manner.ending}`;
  });
}

/** A tensor of one element is a scalar on the wire. */
function scalar<T>(values: readonly T[]): T | readonly T[] | undefined {
  return values.length === 1 ? values[0] : values;
}

const WORDS = [
  "the ",
  "Ärzte ",
  "in ",
  "data: [DONE]",
  'quote"s ',
  "back\\slash ",
  "line\nbreak ",
  "🩺",
  " \u2028",
  '{"choices":[',
  "error",
  "日本",
  "\t",
  "a",
  "é",
] as const;
/** Stands in a text where bytes that are no UTF-8 go on the wire. */
export const BAD_BYTES = "@@BAD@@";

export function pieces(chance: Chance, count: number, bad: boolean): readonly string[] {
  const texts = Array.from({ length: count }, (): string => chance.pick(WORDS));
  if (bad && count > 0) texts[chance.between(0, count - 1)] = `x${BAD_BYTES}y`;
  return texts;
}

/** The bytes of a text, with what is no UTF-8 in its places. */
export function bytesOf(text: string): Buffer {
  const parts = text.split(BAD_BYTES).map((part) => Buffer.from(part));
  return Buffer.concat(parts.flatMap((part, at) => (at === 0 ? [part] : [Buffer.from([0xff, 0xc3]), part])));
}

/** What a reader makes of such bytes. */
export const readable = (text: string): string => text.replaceAll(BAD_BYTES, "\ufffd\ufffd");
