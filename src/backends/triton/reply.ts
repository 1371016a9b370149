/** Reads a generate_stream answer frame by frame and speaks OpenAI to the caller, streamed or whole. */
import { BOUNDS } from "../../bounds.ts";
import type { Call } from "../../domain/call.ts";
import type { RequestId } from "../../domain/ids.ts";
import type { Observed } from "../../domain/usage.ts";
import { Fault } from "../../faults.ts";
import { envelopeOf } from "../../openai/envelope.ts";
import type { Names } from "../../openai/refusal.ts";
import { newObserved } from "../../openai/usage-tap.ts";
import type { Failure, Reply } from "../../ports.ts";
import { Choice, type ReadingPlan } from "./choice.ts";
import { ErrorBody } from "./error-body.ts";
import { broken, judge } from "./errors.ts";
import { completionTokensOf, element, finishOf, type Frame, promptTokensOf, readFrame, textOf } from "./frame.ts";
import { Lines } from "./lines.ts";
import { readLogprobs, type TokenLogprobs } from "./logprobs.ts";
import { DONE, Writer } from "./writer.ts";

const DATA = "data:";
const OK = 200;
/** The engine's reasons that OpenAI has too; every other one means that it gave up. */
const REASONS: ReadonlySet<string> = new Set(["stop", "length"]);
const NO_TOKENS: readonly TokenLogprobs[] = [];

export class TritonReply implements Reply {
  readonly observed: Observed = newObserved();
  readonly #stream: boolean;
  readonly #includeUsage: boolean;
  readonly #names: Names;
  readonly #writer: Writer;
  readonly #plan: ReadingPlan;
  readonly #choices: readonly Choice[];
  readonly #lines = new Lines();
  /** Set when the answer is no stream of frames. */
  #error: ErrorBody | undefined;
  #failure: Failure | undefined;
  #status = 0;
  /** Choices that have not ended. */
  #open: number;
  /** The engine has said something, be it nothing. */
  #heard = false;
  #done = false;
  /** What this push brings for the caller. */
  #out = "";
  /** The caller has bytes, so nobody else can go on. */
  #passed = false;

  constructor(call: Call, request: RequestId, servedName: string, plan: ReadingPlan) {
    this.#stream = call.stream;
    this.#includeUsage = call.includeUsage;
    const envelope = envelopeOf(call, request, servedName);
    this.#names = envelope.names;
    this.#writer = new Writer(call, request, envelope);
    this.#plan = plan;
    this.#choices = Array.from({ length: call.choices }, (_, index) => new Choice(index, plan));
    this.#open = call.choices;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  /** Every choice has its end: Triton marks no last frame, and may leave the connection open behind it. */
  get done(): boolean {
    return this.#done;
  }

  head(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    this.#status = status;
    const type = headers["content-type"];
    if (typeof type !== "string" || !type.startsWith("text/event-stream")) this.#error = new ErrorBody(status);
  }

  push(chunk: Buffer): Buffer | undefined {
    if (this.#failure !== undefined || this.#done) return undefined;
    if (this.#error !== undefined) {
      if (!this.#error.add(chunk)) this.#fail(this.#error.judge(this.#names));
      return undefined;
    }
    const lines = this.#lines.push(chunk);
    for (const line of lines ?? []) this.#take(line);
    if (lines === undefined) this.#fail(broken("a frame is too long"));
    return this.#flush();
  }

  end(): Buffer | undefined {
    if (this.#failure !== undefined || this.#done) return undefined;
    if (this.#error === undefined) this.#take(this.#lines.end());
    else this.#fail(this.#error.judge(this.#names));
    this.#endAll();
    return this.#flush();
  }

  #take(line: string): void {
    if (this.#failure !== undefined || this.#done || !line.startsWith(DATA)) return;
    const frame = readFrame(line.slice(DATA.length));
    if (frame === undefined) this.#fail(broken("a frame is no JSON object"));
    else if (frame.error !== undefined) this.#fail(judge(this.#status, frame.error, this.#names));
    else if (this.#status !== OK) this.#fail(judge(this.#status, "", this.#names));
    else this.#read(frame);
  }

  #read(frame: Frame): void {
    this.#heard = true;
    this.#count(frame);
    for (const choice of this.#choices) {
      // Text behind an end belongs to nobody.
      if (choice.reason !== undefined) continue;
      this.#say(choice, frame);
      if (this.#failure !== undefined) return;
    }
    if (this.#open === 0) this.#close();
  }

  #say(choice: Choice, frame: Frame): void {
    const text = textOf(frame, choice.index);
    if (text === undefined && this.#choices.length > 1) return this.#fail(broken("a frame lacks a sequence"));
    const fresh = choice.fresh(text ?? "");
    if (fresh === undefined) return this.#fail(broken("a frame does not go on from the one before"));
    if (fresh !== "") this.#note(fresh);
    this.#pass(choice, fresh === "" ? "" : choice.push(fresh), this.#logprobs(frame, choice));
    const told = this.#plan.tellsReason ? finishOf(frame, choice.index) : undefined;
    const reason = choice.stopped ? "stop" : told;
    if (reason === undefined || this.#failure !== undefined) return;
    if (REASONS.has(reason)) this.#end(choice, reason);
    else this.#fail(broken("the engine gave up"));
  }

  #note(text: string): void {
    this.observed.frames += 1;
    this.observed.textBytes += Buffer.byteLength(text);
    if (!this.#stream && this.observed.textBytes > BOUNDS.replyJsonBytesMax) this.#fail(broken("the answer is too long"));
  }

  /** Text that the caller may read, calls that have ended, and the tokens' log probabilities. */
  #pass(choice: Choice, text: string, tokens: readonly TokenLogprobs[]): void {
    const calls = choice.drain();
    if (choice.held > BOUNDS.replyFrameBytesMax) return this.#fail(broken("a tool call is too long"));
    if (this.#stream) {
      const { index } = choice;
      if (text !== "" || tokens.length > 0) {
        const logprobs = this.#writer.logprobs(tokens, tokens.length === 0 ? undefined : this.#plan.logprobs, choice.offset);
        this.#out += this.#opening(choice) + this.#writer.text(index, text, logprobs);
        choice.offset += text.length;
      }
      if (calls.length > 0) this.#out += this.#opening(choice) + this.#writer.calls(index, calls, choice.calls.length);
    } else {
      choice.text += text;
      if (tokens.length > 0) choice.logprobs.push(...tokens);
    }
    if (calls.length > 0) choice.calls.push(...calls);
  }

  #logprobs(frame: Frame, choice: Choice): readonly TokenLogprobs[] {
    if (this.#plan.logprobs === undefined) return NO_TOKENS;
    const text = element(frame, "logprobs", choice.index);
    try {
      return typeof text === "string" ? readLogprobs(text) : NO_TOKENS;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#fail(broken("log probabilities that are none"));
      return NO_TOKENS;
    }
  }

  #opening(choice: Choice): string {
    if (choice.opened) return "";
    choice.opened = true;
    return this.#writer.opening(choice.index);
  }

  /** The prompt's count comes again in every frame, the completion's is of the frame: one statement that grows. */
  #count(frame: Frame): void {
    const promptTokens = promptTokensOf(frame);
    const completionTokens = completionTokensOf(frame);
    if (promptTokens === undefined && completionTokens === undefined) return;
    const before = this.observed.reported;
    const sum = completionTokens === undefined ? before?.completionTokens : (before?.completionTokens ?? 0) + completionTokens;
    this.observed.reported = { promptTokens: promptTokens ?? before?.promptTokens, cachedTokens: undefined, completionTokens: sum };
    this.observed.reports = 1;
  }

  #end(choice: Choice, reason: string): void {
    this.#pass(choice, choice.end(reason), NO_TOKENS);
    this.#open -= 1;
    if (this.#failure === undefined && this.#stream && choice.reason !== undefined)
      this.#out += this.#opening(choice) + this.#writer.finish(choice.index, choice.reason);
  }

  /**
   * The engine's answer has ended cleanly. Where it says why it ends, an end without a reason is none; where it never does, the count tells:
   * as many tokens as it may is "length", fewer is "stop".
   */
  #endAll(): void {
    if (this.#failure !== undefined || this.#done) return;
    if (this.#plan.tellsReason) return this.#fail(broken("ended without a finish reason"));
    if (!this.#heard) return this.#fail(broken("ended without a frame"));
    const tokens = this.observed.reported?.completionTokens ?? this.observed.frames;
    for (const choice of this.#choices) this.#end(choice, tokens >= this.#plan.tokensMax ? "length" : "stop");
    if (this.#failure === undefined) this.#close();
  }

  #close(): void {
    this.observed.finished = true;
    this.#done = true;
    if (this.#stream) this.#out += (this.#includeUsage ? this.#writer.usage(this.observed) : "") + DONE;
    else this.#out = this.#writer.whole(this.#choices, this.observed, this.#plan.logprobs);
  }

  #fail(failure: Failure): void {
    this.observed.finished = false;
    this.#failure = { ...failure, elsewhere: failure.elsewhere && !this.#passed };
  }

  #flush(): Buffer | undefined {
    if (this.#failure !== undefined && !this.#passed) {
      // What came before the error, in the same bytes, need not go out: another backend may start afresh.
      Object.assign(this.observed, newObserved());
      return undefined;
    }
    if (this.#out === "") return undefined;
    const bytes = Buffer.from(this.#out);
    this.#out = "";
    this.#passed = true;
    return bytes;
  }
}
