/** Reads one chunk of a chat stream for what the Responses API tells of it: texts, calls, the reason of the end, usage. */
import type { Slice } from "../../domain/call.ts";
import { isKey } from "../choice-tally.ts";
import { ChunkMould } from "../chunk-mould.ts";
import { BYTE, firstIn, nextIn, skipKey, skipSpace, skipValue, malformed } from "../json-skip.ts";

const { brace, braceEnd, bracket, bracketEnd, quote } = BYTE;

export type TextKind = "content" | "reasoning" | "refusal";

/** A fragment of a call; ranges of JSON values. */
export interface CallFragment {
  readonly index: Slice | undefined;
  readonly id: Slice | undefined;
  readonly name: Slice | undefined;
  readonly arguments: Slice | undefined;
}

/** Names of texts in a delta; engines differ in what they call their thoughts. */
const TEXTS: readonly (readonly [string, TextKind])[] = [
  ["content", "content"],
  ["reasoning", "reasoning"],
  ["reasoning_content", "reasoning"],
  ["refusal", "refusal"],
];

/** What the chunk read last holds; all ranges lie in the buffer that it was read from. */
export class ChatChunk {
  /** The texts in their order: kinds and ranges, quotes included. Empty ones are left out. */
  readonly kinds: TextKind[] = [];
  readonly texts: Slice[] = [];
  readonly calls: CallFragment[] = [];
  /** Array of log probabilities. */
  logprobs: Slice | undefined;
  finish: Slice | undefined;
  usage: Slice | undefined;
  readonly #mould = new ChunkMould();
  #mouldKind: TextKind = "content";

  /** @throws Fault invalid_json */
  read(bytes: Buffer, start: number, end: number): void {
    this.#clear();
    const textBytes = this.#mould.cast(bytes, { start, end }, []);
    if (textBytes < 0) return this.#readWhole(bytes, start, end);
    if (textBytes === 0) return;
    const at = start + this.#mould.leadBytes;
    this.kinds.push(this.#mouldKind);
    this.texts.push({ start: at, end: at + textBytes + 2 });
  }

  #clear(): void {
    this.kinds.length = this.texts.length = this.calls.length = 0;
    this.logprobs = this.finish = this.usage = undefined;
  }

  #readWhole(bytes: Buffer, start: number, end: number): void {
    if (bytes[start] !== brace) throw malformed(start, "expected an object");
    members(bytes, start, (key, value, after) => {
      if (isKey(bytes, key, "choices") && bytes[value] === bracket) this.#choices(bytes, value);
      else if (isKey(bytes, key, "usage") && bytes[value] === brace) this.usage = { start: value, end: after };
    });
    const [text] = this.texts;
    const plain = this.texts.length === 1 && this.calls.length === 0 && this.finish === undefined && this.usage === undefined;
    if (text === undefined || !plain || this.logprobs !== undefined) return;
    this.#mouldKind = this.kinds[0] ?? "content";
    this.#mould.learn(bytes, { start, textStart: text.start, textEnd: text.end, end }, []);
  }

  #choices(bytes: Buffer, at: number): void {
    const first = firstIn(bytes, at, bracketEnd);
    if (first >= 0 && bytes[first] === brace) members(bytes, first, (key, value, after) => this.#choice(bytes, { key, value, after }));
  }

  #choice(bytes: Buffer, { key, value, after }: { readonly key: number; readonly value: number; readonly after: number }): void {
    if (bytes[value] === brace) {
      if (isKey(bytes, key, "delta") || isKey(bytes, key, "message"))
        members(bytes, value, (inner, start, end) => this.#delta(bytes, inner, { start, end }));
      else if (isKey(bytes, key, "logprobs"))
        members(bytes, value, (inner, start, end) => {
          if (isKey(bytes, inner, "content") && bytes[start] === bracket) this.logprobs = { start, end };
        });
    } else if (bytes[value] === quote && isKey(bytes, key, "finish_reason")) this.finish = { start: value, end: after };
  }

  #delta(bytes: Buffer, key: number, value: Slice): void {
    if (bytes[value.start] === bracket && isKey(bytes, key, "tool_calls")) return this.#toolCalls(bytes, value.start);
    if (bytes[value.start] !== quote || value.end - value.start === 2) return;
    const found = TEXTS.find(([name]) => isKey(bytes, key, name));
    // An engine that gives its thoughts under both names gives the same ones.
    if (found === undefined || (found[1] === "reasoning" && this.kinds.includes("reasoning"))) return;
    this.kinds.push(found[1]);
    this.texts.push(value);
  }

  #toolCalls(bytes: Buffer, at: number): void {
    let next = firstIn(bytes, at, bracketEnd);
    while (next >= 0) {
      if (bytes[next] === brace) this.calls.push(callAt(bytes, next));
      next = nextIn(bytes, skipValue(bytes, next, 4), bracketEnd);
    }
  }
}

function callAt(bytes: Buffer, at: number): CallFragment {
  const found: { -readonly [K in keyof CallFragment]: Slice | undefined } = {
    index: undefined,
    id: undefined,
    name: undefined,
    arguments: undefined,
  };
  members(bytes, at, (key, value, after) => {
    if (isKey(bytes, key, "index")) found.index = { start: value, end: after };
    else if (isKey(bytes, key, "id") && bytes[value] === quote) found.id = { start: value, end: after };
    else if (isKey(bytes, key, "function") && bytes[value] === brace)
      members(bytes, value, (inner, start, end) => {
        if (bytes[start] !== quote) return;
        if (isKey(bytes, inner, "name")) found.name = { start, end };
        else if (isKey(bytes, inner, "arguments")) found.arguments = { start, end };
      });
  });
  return found;
}

/** Shows each member of the object at `at`: where its key and its value begin, and where that ends. @throws Fault invalid_json */
export function members(bytes: Buffer, at: number, show: (key: number, value: number, after: number) => void): void {
  let next = firstIn(bytes, at, braceEnd);
  while (next >= 0) {
    const value = skipKey(bytes, next);
    const after = skipValue(bytes, value, 1);
    show(next, value, after);
    next = nextIn(bytes, skipSpace(bytes, after), braceEnd);
  }
}
