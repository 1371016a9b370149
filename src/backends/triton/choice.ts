/** One answer of perhaps several in a reply: from the engine's text to what the caller reads, and how it ended. */
import type { TokenLogprobs } from "./logprobs.ts";
import { StopHold } from "./stop-hold.ts";
import { type Manner, TextFlow } from "./text-flow.ts";
import type { ToolCall } from "./tool-calls.ts";
import { ToolReader, type ToolUse } from "./tool-reader.ts";

/** How the engine's text has to be read, settled when the call was prepared. */
export interface ReadingPlan {
  readonly manner: Manner;
  /** Stop sequences that are cut here because the engine may leave them in. */
  readonly stops: readonly string[];
  /** The engine says why it ended; else it is derived from the count. */
  readonly tellsReason: boolean;
  readonly tokensMax: number;
  readonly toolUse: ToolUse | undefined;
  /** Alternatives to show with each token; undefined: no log probabilities. */
  readonly logprobs: number | undefined;
}

export class Choice {
  readonly index: number;
  readonly #flow: TextFlow;
  readonly #hold: StopHold | undefined;
  readonly #tools: ToolReader | undefined;
  readonly #named: boolean;
  #reason: string | undefined;
  /** The caller has had its first chunk. */
  opened = false;
  /** Of a whole answer. */
  text = "";
  readonly calls: ToolCall[] = [];
  readonly logprobs: TokenLogprobs[] = [];
  /** Characters that went out, for the offsets of log probabilities. */
  offset = 0;

  constructor(index: number, { manner, stops, toolUse }: ReadingPlan) {
    this.index = index;
    this.#flow = new TextFlow(manner);
    this.#hold = stops.length === 0 ? undefined : new StopHold(stops);
    this.#tools = toolUse === undefined ? undefined : new ToolReader(toolUse);
    this.#named = toolUse?.kind === "one";
  }

  /** OpenAI's reason; undefined while it goes on. */
  get reason(): string | undefined {
    return this.#reason;
  }

  /** A stop sequence has come, whatever the engine still says. */
  get stopped(): boolean {
    return this.#hold?.stopped === true;
  }

  /** Characters that wait for the end of a tool call. */
  get held(): number {
    return this.#tools?.held ?? 0;
  }

  /** What is new in a frame's text; undefined when it does not go on from what came before. */
  fresh(text: string): string | undefined {
    return this.#flow.next(text);
  }

  /** What the caller may read once this has come. */
  push(fresh: string): string {
    const kept = this.#hold === undefined ? fresh : this.#hold.push(fresh);
    return this.#tools === undefined ? kept : this.#tools.push(kept);
  }

  /** Calls of tools that have come to their end. */
  drain(): readonly ToolCall[] {
    return this.#tools?.drain() ?? NO_CALLS;
  }

  /** Ends it, for the engine's reason. @returns what was held back for nothing */
  end(reason: string): string {
    const repeated = this.#flow.rest();
    const held = this.#hold === undefined ? repeated : this.#hold.push(repeated) + this.#hold.end();
    const rest = this.#tools === undefined ? held : this.#tools.push(held) + this.#tools.end();
    // OpenAI says "stop" where the caller had named the tool.
    const called = (this.#tools?.count ?? 0) > 0 && !this.#named;
    this.#reason = called && reason === "stop" ? "tool_calls" : reason;
    return rest;
  }
}

const NO_CALLS: readonly ToolCall[] = [];
