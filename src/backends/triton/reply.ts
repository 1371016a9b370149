/** Reads a generate_stream answer frame by frame and speaks OpenAI to the caller, streamed or whole. */
import { BOUNDS } from "../../bounds.ts";
import type { Call } from "../../domain/call.ts";
import type { RequestId } from "../../domain/ids.ts";
import type { Observed } from "../../domain/usage.ts";
import { envelopeOf } from "../../openai/envelope.ts";
import type { Names } from "../../openai/refusal.ts";
import { newObserved } from "../../openai/usage-tap.ts";
import type { Failure, Reply } from "../../ports.ts";
import { broken, judge } from "./errors.ts";
import { type Frame, readFrame } from "./frame.ts";
import { Lines } from "./lines.ts";
import { DONE, Writer } from "./writer.ts";

const DATA = "data:";
const OK = 200;
/** The engine's reasons that OpenAI has too; every other one means that it gave up. */
const REASONS: ReadonlySet<string> = new Set(["stop", "length"]);

export class TritonReply implements Reply {
  readonly observed: Observed = newObserved();
  readonly #stream: boolean;
  readonly #includeUsage: boolean;
  readonly #names: Names;
  readonly #writer: Writer;
  readonly #lines = new Lines();
  readonly #errorText: Buffer[] = [];
  #errorBytes = 0;
  #failure: Failure | undefined;
  #status = 0;
  #framed = false;
  #opened = false;
  #reason: string | undefined;
  /** A whole answer's text so far. */
  #text = "";
  /** What this push brings for the caller. */
  #out = "";
  /** The caller has bytes, so nobody else can go on. */
  #passed = false;

  constructor(call: Call, request: RequestId, servedName: string) {
    this.#stream = call.stream;
    this.#includeUsage = call.includeUsage;
    const envelope = envelopeOf(call, request, servedName);
    this.#names = envelope.names;
    this.#writer = new Writer(call, request, envelope);
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  head(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    this.#status = status;
    const type = headers["content-type"];
    this.#framed = typeof type === "string" && type.startsWith("text/event-stream");
  }

  push(chunk: Buffer): Buffer | undefined {
    if (this.#failure !== undefined) return undefined;
    if (!this.#framed) return this.#gather(chunk);
    const lines = this.#lines.push(chunk);
    for (const line of lines ?? []) this.#take(line);
    if (lines === undefined) this.#fail(broken("a frame is too long"));
    return this.#flush();
  }

  end(): Buffer | undefined {
    if (this.#failure !== undefined) return undefined;
    if (this.#framed) this.#take(this.#lines.end());
    else this.#refuse();
    this.#close();
    return this.#flush();
  }

  /** An answer without frames is an error, whatever its status says. */
  #gather(chunk: Buffer): undefined {
    this.#errorBytes += chunk.length;
    if (this.#errorBytes <= BOUNDS.replyErrorBytesMax) this.#errorText.push(chunk);
    else this.#fail(this.#status === OK ? broken("no stream") : judge(this.#status, "", this.#names));
  }

  #refuse(): void {
    const text = Buffer.concat(this.#errorText).toString("utf8");
    const error = readFrame(text)?.error;
    this.#fail(error === undefined && this.#status === OK ? broken("no stream") : judge(this.#status, error ?? "", this.#names));
  }

  #take(line: string): void {
    if (this.#failure !== undefined || !line.startsWith(DATA)) return;
    const frame = readFrame(line.slice(DATA.length));
    if (frame === undefined) this.#fail(broken("a frame is no JSON object"));
    else if (frame.error !== undefined) this.#fail(judge(this.#status, frame.error, this.#names));
    else if (this.#status !== OK) this.#fail(judge(this.#status, "", this.#names));
    else this.#say(frame);
  }

  #say(frame: Frame): void {
    // One choice was asked for: text behind its end belongs to nobody, and nobody pays for it.
    if (this.#reason !== undefined && frame.text !== "") return;
    this.#count(frame);
    if (this.#reason !== undefined) return;
    if (frame.text !== "") this.#add(frame.text);
    if (frame.finish === undefined || this.#failure !== undefined) return;
    if (!REASONS.has(frame.finish)) {
      this.#fail(broken("the engine gave up"));
      return;
    }
    this.#reason = frame.finish;
    this.observed.finished = true;
    if (this.#stream) this.#out += this.#opening() + this.#writer.finish(frame.finish);
  }

  #add(text: string): void {
    this.observed.frames += 1;
    this.observed.textBytes += Buffer.byteLength(text);
    if (this.#stream) this.#out += this.#opening() + this.#writer.text(text);
    else if (this.observed.textBytes > BOUNDS.replyJsonBytesMax) this.#fail(broken("the answer is too long"));
    else this.#text += text;
  }

  #opening(): string {
    if (this.#opened) return "";
    this.#opened = true;
    return this.#writer.opening();
  }

  /** The prompt's count comes again in every frame, the completion's is of the frame: one statement that grows. */
  #count({ promptTokens, completionTokens }: Frame): void {
    if (promptTokens === undefined && completionTokens === undefined) return;
    const before = this.observed.reported;
    const sum = completionTokens === undefined ? before?.completionTokens : (before?.completionTokens ?? 0) + completionTokens;
    this.observed.reported = { promptTokens: promptTokens ?? before?.promptTokens, cachedTokens: undefined, completionTokens: sum };
    this.observed.reports = 1;
  }

  /** A clean end says nothing by itself: only a finish reason tells a whole answer from a model that stopped early. */
  #close(): void {
    if (this.#failure !== undefined) return;
    if (this.#reason === undefined) this.#fail(broken("ended without a finish reason"));
    else if (!this.#stream) this.#out = this.#writer.whole(this.#text, this.#reason, this.observed);
    else this.#out += (this.#includeUsage ? this.#writer.usage(this.observed) : "") + DONE;
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
