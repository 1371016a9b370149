/** How one exchange with an engine goes: its answer, and what goes wrong on the way, as steps in time. */
import type { Asked } from "./asked.ts";
import type { Chance } from "./chance.ts";
import { SECRET } from "./plain-estate.ts";
import {
  type Answer,
  bytesOf,
  completionTokens,
  type Manner,
  pieces,
  readable,
  streamFrames,
  tritonFrames,
  type UsageStyle,
  wholeBody,
} from "./wire.ts";

export type Mood = "well" | "flaky" | "down" | "hung";

export type Act =
  | { readonly kind: "refuse" }
  | { readonly kind: "head"; readonly status: number; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  | { readonly kind: "end" }
  | { readonly kind: "reset" };

export interface Step {
  readonly gapMs: number;
  readonly act: Act;
}

/** What the engine knows to be true of its answer. */
export interface Truth {
  readonly fault: Fault;
  /** By choice; what a whole answer would have been. */
  readonly texts: readonly string[];
  /** What must be billed when the answer was served whole; undefined: the engine stated no such thing. */
  readonly billed: { readonly promptTokens: number; readonly cachedTokens: number; readonly completionTokens: number } | undefined;
  /** Of an answer that has no text. */
  readonly data: string | undefined;
}

export interface Script {
  readonly steps: readonly Step[];
  readonly truth: Truth;
}

const FAULTS = {
  none: 30,
  refuse: 2,
  silent: 0.7,
  late: 0.7,
  lateReset: 0.5,
  resetBefore: 2,
  resetInBody: 2,
  cutClean: 2,
  stall: 0.7,
  headOnly: 0.3,
  empty: 1,
  errorFirst: 2,
  errorAfter: 2,
  garbage: 1,
  afterDone: 1,
  html: 1,
  wrongKind: 1,
  redirect: 0.5,
  status: 6,
} as const;
type Fault = keyof typeof FAULTS;
const OF_MOOD: Readonly<Record<Mood, Partial<Record<Fault, number>>>> = {
  well: { none: 150 },
  flaky: {},
  down: { none: 0, refuse: 100 },
  hung: { none: 0, silent: 20, lateReset: 50, headOnly: 15, stall: 15 },
};
const STYLES: Readonly<Record<UsageStyle, number>> = {
  honest: 14,
  twice: 2,
  cumulative: 2,
  absent: 2,
  zero: 1,
  absurd: 1,
  negative: 1,
  fraction: 1,
  words: 1,
};

export function scriptFor(asked: Asked, mood: Mood, chance: Chance): Script {
  const fault = chance.weighted({ ...FAULTS, ...OF_MOOD[mood] });
  const answer = answerFor(asked, chance);
  const manner: Manner = {
    model: chance.hits(0.1) ? `${SECRET}-wrong` : asked.servedName,
    spaced: chance.hits(0.2),
    ending: chance.hits(0.1) ? "\r\n\r\n" : "\n\n",
    comments: chance.hits(0.05),
    noDone: chance.hits(0.05),
  };
  const statable = asked.shape !== "tokenize" && ["honest", "twice", "cumulative"].includes(answer.style);
  const { promptTokens } = answer;
  const [cachedTokens, spoken] = [
    asked.shape === "triton" ? 0 : answer.cachedTokens,
    asked.shape === "embeddings" ? 0 : completionTokens(answer),
  ];
  const truth: Truth = {
    fault,
    texts: asked.shape === "embeddings" || asked.shape === "tokenize" ? [] : answer.pieces.map((each) => readable(each.join(""))),
    billed: statable ? { promptTokens, cachedTokens, completionTokens: spoken } : undefined,
    data: asked.shape === "embeddings" ? "[0.25,-0.5,0.125]" : asked.shape === "tokenize" ? "[1,91,89]" : undefined,
  };
  return { truth, steps: stepsOf(fault, { asked, answer, manner, chance }) };
}

function answerFor(asked: Asked, chance: Chance): Answer {
  const textless = asked.shape === "embeddings" || asked.shape === "tokenize";
  const bad = chance.hits(0.04);
  const longest = Math.min(asked.tokensMax, 24);
  const list = Array.from({ length: textless ? 1 : asked.choices }, () =>
    textless ? [] : pieces(chance, chance.between(1, Math.max(1, longest)), bad),
  );
  const promptTokens = chance.between(2, 30);
  return {
    pieces: list,
    finish: list.every(({ length }) => length === asked.tokensMax) ? "length" : "stop",
    promptTokens,
    cachedTokens: chance.hits(0.3) ? chance.between(0, promptTokens) : 0,
    style: chance.weighted(STYLES),
  };
}

interface Making {
  readonly asked: Asked;
  readonly answer: Answer;
  readonly manner: Manner;
  readonly chance: Chance;
}

const JSON_HEAD = { "content-type": "application/json" };
const SSE_HEAD = { "content-type": "text/event-stream; charset=utf-8" };

function stepsOf(fault: Fault, making: Making): readonly Step[] {
  const { asked, chance } = making;
  const first = fault === "late" ? chance.between(20_000, 150_000) : chance.between(1, chance.hits(0.1) ? 3_000 : 250);
  if (fault === "refuse") return [{ gapMs: first % 50, act: { kind: "refuse" } }];
  if (fault === "silent") return [];
  if (fault === "lateReset") return [{ gapMs: chance.between(90_000, 590_000), act: { kind: "reset" } }];
  if (fault === "resetBefore") return [{ gapMs: first, act: { kind: "reset" } }];
  if (fault === "redirect") return [head(first, 307, { location: "http://elsewhere.test/" }), ...ended([])];
  if (fault === "html")
    return [
      head(first, chance.pick([200, 502]), { "content-type": "text/html" }),
      ...ended(cut(Buffer.from(`<html>${SECRET}</html>`), chance)),
    ];
  if (fault === "status") return refusal(first, making);
  if (fault === "empty") return [head(first, 200, asked.stream ? SSE_HEAD : JSON_HEAD), ...ended([])];
  if (fault === "headOnly") return [head(first, 200, asked.stream ? SSE_HEAD : JSON_HEAD)];
  const headers = asked.stream !== (fault === "wrongKind") ? SSE_HEAD : JSON_HEAD;
  return [head(first, 200, headers), ...bodySteps(fault, making)];
}

function bodySteps(fault: Fault, { asked, answer, manner, chance }: Making): readonly Step[] {
  const frames =
    asked.shape === "triton"
      ? tritonFrames(asked, answer, manner)
      : asked.stream
        ? streamFrames(asked, answer, manner)
        : [wholeBody(asked, answer, manner)];
  const all = bytesOf(frames.join(""));
  const part = (): Buffer => all.subarray(0, chance.between(0, all.length - 1));
  if (fault === "resetInBody") return [...timed(cut(part(), chance), chance), { gapMs: chance.between(0, 50), act: { kind: "reset" } }];
  if (fault === "cutClean") return ended(cut(part(), chance));
  if (fault === "stall") return timed(cut(part(), chance), chance);
  if (fault === "errorFirst" || fault === "errorAfter") {
    const error = errorText(asked, chance);
    if (!asked.stream) return ended(cut(Buffer.from(error), chance), chance);
    const before = fault === "errorFirst" ? 0 : chance.between(1, Math.max(1, frames.length - 3));
    return ended(cut(bytesOf(`${frames.slice(0, before).join("")}data: ${error}\n\ndata: [DONE]\n\n`), chance), chance);
  }
  if (fault === "garbage") {
    const before = chance.between(0, frames.length - 1);
    return ended(
      cut(bytesOf(`${frames.slice(0, before).join("")}data: {"choices":[{]\n\n${frames.slice(before).join("")}`), chance),
      chance,
    );
  }
  // What comes behind the end belongs to nobody.
  const more = fault === "afterDone" && !manner.noDone && asked.stream ? frames.slice(0, 2).join("") : "";
  return ended(cut(Buffer.concat([all, bytesOf(more)]), chance), chance);
}

function errorText(asked: Asked, chance: Chance): string {
  const message = chance.pick([
    "EngineCore encountered an issue.",
    `The model ${asked.servedName} is broken`,
    `CUDA error at /opt/${SECRET}/x.py`,
  ]);
  if (asked.shape === "triton") return JSON.stringify({ error: message });
  return JSON.stringify({ error: { message, type: "InternalServerError", param: null, code: chance.pick([500, 503, 400]) } });
}

/** An error by status; what it says may name what nobody may know. */
function refusal(first: number, { asked, chance }: Making): readonly Step[] {
  const status = chance.pick([400, 400, 401, 404, 408, 422, 429, 429, 500, 500, 502, 503, 503, 504]);
  const message = chance.pick([
    `The model \`${asked.servedName}\` does not exist.`,
    `This model's maximum context length is 512 tokens; ${asked.servedName} got more.`,
    `temperature must be in [0, 2] for ${asked.servedName}`,
    `Traceback: File "/srv/${SECRET}/engine.py"`,
    "",
  ]);
  const body = chance.pick([
    JSON.stringify({ error: { message, type: "BadRequestError", param: null, code: status } }),
    JSON.stringify({ error: message }),
    JSON.stringify({ detail: message }),
    `<h1>${message}</h1>`,
  ]);
  const wait = status === 429 || status === 503 ? { "retry-after": chance.pick(["1", "7", "100000", "x", `${SECRET}`]) } : {};
  return [head(first, status, { ...JSON_HEAD, ...wait, server: SECRET }), ...ended(cut(Buffer.from(body), chance), chance)];
}

function head(gapMs: number, status: number, headers: Readonly<Record<string, string>>): Step {
  return { gapMs, act: { kind: "head", status, headers } };
}

/** The bytes in pieces, cut anywhere. */
function cut(bytes: Buffer, chance: Chance): readonly Buffer[] {
  const cuts = Array.from({ length: chance.between(0, Math.min(12, Math.ceil(bytes.length / 60))) }, () =>
    chance.between(1, Math.max(1, bytes.length)),
  );
  const places = [0, ...new Set(cuts), bytes.length].sort((a, b) => a - b);
  return places
    .slice(1)
    .map((to, at) => bytes.subarray(places[at], to))
    .filter(({ length }) => length > 0);
}

function timed(chunks: readonly Buffer[], chance: Chance): readonly Step[] {
  const pace = chance.pick([0, 20, 200]);
  return chunks.map((bytes) => ({ gapMs: chance.between(0, pace), act: { kind: "bytes", bytes } }));
}

function ended(chunks: readonly Buffer[], chance?: Chance): readonly Step[] {
  const steps = chance === undefined ? chunks.map((bytes): Step => ({ gapMs: 1, act: { kind: "bytes", bytes } })) : timed(chunks, chance);
  return [...steps, { gapMs: 1, act: { kind: "end" } }];
}
