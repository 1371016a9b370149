/** Answers whose JSON or whose count of tokens is not what it should be. */
import {
  CHAT,
  COMPLETION_TOKENS,
  delta,
  DONE,
  event,
  FINISH,
  GOOD_FRAMES,
  json,
  rest,
  ROLE,
  stream,
  usage,
  USAGE,
  wholeStream,
} from "../support/answers.ts";
import {
  brokeOff,
  both,
  CUT,
  FAILED,
  type Case,
  lying,
  says,
  saysThen,
  SERVED,
  streamed,
  UNCOUNTED,
  whole,
  type Expected,
} from "./case.ts";

const TEXT_FRAMES = [ROLE, delta("hello"), delta(" there"), FINISH];

/** A count that lies, in both forms of answer. */
function lies(name: string, value: unknown, expects: Expected): readonly Case[] {
  return both(
    `usage: ${name}`,
    (turn) => turn.write(turn.body.includes('"stream":true') ? withUsage(value) : json(wholeWith(value))),
    expects,
  );
}

function withUsage(value: unknown): Buffer {
  return wholeStream(...TEXT_FRAMES, usageFrame(value), DONE);
}

/** A text stands for itself: JSON that no object can be made to give. */
function usageFrame(value: unknown): string {
  return typeof value === "string" ? usage(0).replace('"usage":0', `"usage":${value}`) : usage(value);
}

function wholeWith(value: unknown): string {
  const text = JSON.stringify({ ...CHAT, usage: 0 });
  return text.replace('"usage":0', `"usage":${typeof value === "string" ? value : JSON.stringify(value)}`);
}

/** Only the count of output is unbelievable. */
const GUESSED = UNCOUNTED;

export const LIES: readonly Case[] = [
  ...lies("absent", null, UNCOUNTED),
  ...lies("a text", '"many"', UNCOUNTED),
  ...lies("an array", [1, 2], UNCOUNTED),
  ...lies("empty", {}, UNCOUNTED),
  ...lies("a huge completion", lying({ completion_tokens: 5_000_000 }), GUESSED),
  ...lies("a completion beyond all numbers", `{"prompt_tokens":7,"completion_tokens":1e400}`, GUESSED),
  ...lies("a negative completion", lying({ completion_tokens: -3 }), GUESSED),
  ...lies("half a token", lying({ completion_tokens: 2.5 }), GUESSED),
  ...lies("a completion as text", lying({ completion_tokens: "3" }), GUESSED),
  ...lies("a huge prompt", lying({ prompt_tokens: 9e15 }), { ...SERVED, source: "estimated" }),
  ...lies("zero with output", lying({ completion_tokens: 0 }), { ...SERVED, completionTokens: 0 }),
  ...lies("a key twice", '{"prompt_tokens":7,"completion_tokens":3,"completion_tokens":40}', UNCOUNTED),
  ...lies("more cached than there is", lying({ prompt_tokens_details: { cached_tokens: 900 } }), SERVED),
  ...lies("nested too deep", "[".repeat(100) + "]".repeat(100), UNCOUNTED),
  streamed("usage: stated twice", says(wholeStream(...TEXT_FRAMES, usage(USAGE), usage(USAGE), DONE)), SERVED),
  streamed("usage: shrinking", says(wholeStream(...TEXT_FRAMES, usage(lying({ completion_tokens: 40 })), usage(USAGE), DONE)), SERVED),
  streamed(
    "usage: growing",
    says(wholeStream(ROLE, usage(lying({ completion_tokens: 1 })), ...TEXT_FRAMES.slice(1), usage(USAGE), DONE)),
    SERVED,
  ),
  whole("usage: twice in one answer", says(json(wholeWith(USAGE).replace(/\}$/, ',"usage":{"completion_tokens":40}}'))), FAILED),
];

/** Keys that would reach a prototype if an object were made of them. */
const PROTOTYPE = '"__proto__":{"isAdmin":true,"finish_reason":"stop"},"constructor":{"prototype":{"x":1}},"toString":1';

export const CONTENT: readonly Case[] = [
  streamed("__proto__ and constructor in frames", says(wholeStream(...GOOD_FRAMES.map(poisoned))), SERVED),
  whole("__proto__ and constructor in an answer", says(json(poisoned(JSON.stringify(CHAT)))), SERVED),
  ...lies("__proto__", `{"__proto__":{"completion_tokens":1},"prompt_tokens":7,"completion_tokens":3}`, SERVED),
  ...both(
    "__proto__ in an error",
    says(json('{"__proto__":{"code":200},"error":{"__proto__":{"code":400},"message":"x"}}', "500 Oops")),
    FAILED,
  ),
  ...both("bytes that are no UTF-8 in the text", (turn) => turn.write(notUtf8(turn.body.includes('"stream":true'))), {
    ...SERVED,
    text: "hell\xff there",
  }),
  streamed("a frame that is no JSON", saysThen(stream(ROLE, delta("hello")), rest("data: {oops}\n\n", DONE)), CUT),
  streamed("a frame with half an object", saysThen(stream(ROLE, delta("hello")), rest('data: {"choices":[\n\n', DONE)), CUT),
  streamed("a frame that is no object", saysThen(stream(ROLE, delta("hello")), rest(event([]), DONE)), CUT),
  streamed(
    "a frame nested too deep",
    saysThen(stream(ROLE, delta("hello")), rest(event(`{"x":${"[".repeat(500)}${"]".repeat(500)}}`), DONE)),
    CUT,
  ),
  streamed(
    "NUL bytes between frames",
    says(wholeStream(ROLE, delta("hello"), "\0\0\0\n\n", delta(" there"), FINISH, usage(USAGE), DONE)),
    SERVED,
  ),
  streamed(
    "a line of 5 MiB within a frame",
    says(wholeStream(ROLE, delta("hello"), delta("x".repeat(5 << 20)))),
    brokeOff("engine_failed"),
  ),
  streamed("a byte order mark", says(wholeStream("\uFEFF", ...GOOD_FRAMES)), { ...SERVED, completionTokens: COMPLETION_TOKENS }),
];

function poisoned(text: string): string {
  return text.replace(/\{/, `{${PROTOTYPE},`);
}

function notUtf8(asStream: boolean): Buffer {
  const good = asStream ? wholeStream(...GOOD_FRAMES) : json();
  // One byte for one byte, so that every length still holds.
  return Buffer.from(good.toString("latin1").replace("hello", "hell\xff"), "latin1");
}
