/** Parts a stream of text into what the caller reads and what calls a tool. A call goes on as a whole, when its end has come. */
import type { ToolFormat } from "../../domain/fleet.ts";
import { heldBack } from "./held-back.ts";
import { callsIn, callsInRest, type ToolCall } from "./tool-calls.ts";

/** What the model was made to write: calls in its own format if it likes, a list of calls, or the arguments of one. */
export type ToolUse =
  { readonly kind: "free"; readonly format: ToolFormat } | { readonly kind: "list" } | { readonly kind: "one"; readonly name: string };

const HERMES_OPEN = "<tool_call>";
const HERMES_CLOSE = "</tool_call>";
const MISTRAL_OPEN = "[TOOL_CALLS]";
const LLAMA_TAG = "<|python_tag|>";

export class ToolReader {
  readonly #use: ToolUse;
  /** Text that may yet turn out to be part of a call. */
  #held = "";
  /** Space before a call, which goes with it; the model's own if it turns out to be none. */
  #gap = "";
  /** Inside a call, or in the rest of an answer that is one. */
  #inside = false;
  /** Llama calls with its first characters or not at all. */
  #decided = false;
  #calls: ToolCall[] = [];
  #count = 0;

  constructor(use: ToolUse) {
    this.#use = use;
    this.#inside = use.kind !== "free";
  }

  /** Calls that have ended since this was asked last. */
  drain(): readonly ToolCall[] {
    const calls = this.#calls;
    this.#calls = [];
    return calls;
  }

  /** Calls so far. */
  get count(): number {
    return this.#count;
  }

  /** Characters that wait for the end of a call. */
  get held(): number {
    return this.#held.length;
  }

  /** What the caller may read. */
  push(text: string): string {
    this.#held += text;
    if (this.#use.kind !== "free") return "";
    if (this.#use.format === "hermes") return this.#hermes();
    if (this.#inside) return "";
    return this.#use.format === "mistral" ? this.#until(MISTRAL_OPEN) : this.#llama();
  }

  /** The answer is over. @returns text that turned out to be no call */
  end(): string {
    const rest = this.#held;
    this.#held = "";
    if (!this.#inside) return rest;
    if (this.#use.kind === "one") return this.#add([{ name: this.#use.name, arguments: rest }]);
    if (this.#use.kind === "list") return this.#addOr(callsIn(rest), rest);
    // A block that was not closed may be whole all the same: the mark behind it ended the turn.
    if (this.#use.format === "hermes") return this.#addOr(callsIn(rest.trim()), HERMES_OPEN + rest);
    return this.#addOr(callsInRest(this.#use.format, rest), rest);
  }

  #hermes(): string {
    let out = "";
    for (;;) {
      if (!this.#inside) {
        out += this.#until(HERMES_OPEN);
        if (!this.#inside) return out;
        this.#held = this.#held.slice(HERMES_OPEN.length);
      }
      const close = this.#held.indexOf(HERMES_CLOSE);
      if (close < 0) return out;
      const block = this.#held.slice(0, close);
      this.#held = this.#held.slice(close + HERMES_CLOSE.length);
      this.#inside = false;
      out += this.#addOr(callsIn(block.trim()), HERMES_OPEN + block + HERMES_CLOSE);
    }
  }

  /** Text before a mark; the mark and what follows stay held. */
  #until(mark: string): string {
    const at = this.#held.indexOf(mark);
    if (at >= 0) {
      const before = this.#held.slice(0, at).trimEnd();
      this.#gap = this.#held.slice(before.length, at);
      this.#held = this.#held.slice(at);
      this.#inside = true;
      return before;
    }
    const keep = heldBack(this.#held, [mark]);
    const end = this.#held.slice(0, this.#held.length - keep).trimEnd().length;
    const out = this.#held.slice(0, end);
    this.#held = this.#held.slice(end);
    return out;
  }

  #llama(): string {
    const start = this.#held.trimStart();
    if (!this.#decided && (start === "" || (start.length < LLAMA_TAG.length && LLAMA_TAG.startsWith(start)))) return "";
    this.#inside = !this.#decided && (start.startsWith("{") || start.startsWith(LLAMA_TAG));
    this.#decided = true;
    if (this.#inside) return "";
    const out = this.#held;
    this.#held = "";
    return out;
  }

  #addOr(calls: readonly ToolCall[] | undefined, text: string): string {
    return calls === undefined ? this.#gap + text : this.#add(calls);
  }

  #add(calls: readonly ToolCall[]): "" {
    this.#calls.push(...calls);
    this.#count += calls.length;
    return "";
  }
}
