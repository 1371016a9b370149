/**
 * Relays the answers of an engine that speaks the Responses API itself. What is changed: `id` becomes the gateway's, `model` the alias,
 * `store` false and `error` null where they are left out, and an answer that was cut ends with `response.incomplete`, as OpenAI's does.
 * All other events pass as they are.
 */
import type { Call } from "../../domain/call.ts";
import type { RequestId } from "../../domain/ids.ts";
import { Fault } from "../../faults.ts";
import type { Failure, Reply } from "../../ports.ts";
import { classifyError } from "../engine-errors.ts";
import { readError } from "../engine-message.ts";
import { envelopeOf, type Envelope } from "../envelope.ts";
import { contentType, ErrorAnswer, isPacked } from "../error-answer.ts";
import { scanObject } from "../json-scan.ts";
import { BYTE } from "../json-skip.ts";
import { JsonReply } from "../json-reply.ts";
import { Rewriter } from "../rewriter.ts";
import { NOTHING } from "../splice.ts";
import { readEvent } from "../sse-fields.ts";
import { FrameReader } from "../sse-frames.ts";
import { newObserved } from "../usage-tap.ts";
import { NativeEvent, outputBytes, withAbsent } from "./native-event.ts";
import { failedEvent, ResponseObject } from "./response.ts";
import { FailureInWords, inResponsesWords } from "./words.ts";

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const BLANK_LINE = Buffer.from("\n\n");
const DATA = Buffer.from("data: ");

export function nativeReply(call: Call, request: RequestId, servedName: string): Reply {
  return call.stream ? new NativeStream(call, request, servedName) : new NativeAnswer(call, request, servedName);
}

/** A whole Response. */
class NativeAnswer implements Reply {
  readonly #reply: JsonReply;
  readonly #words = new FailureInWords();

  constructor(call: Call, request: RequestId, servedName: string) {
    this.#reply = new JsonReply(call, request, servedName);
  }

  get observed(): Reply["observed"] {
    return this.#reply.observed;
  }

  get failure(): Failure | undefined {
    return this.#words.of(this.#reply);
  }

  head(status: number, headers: Headers): void {
    this.#reply.head(status, headers);
  }

  push(chunk: Buffer): undefined {
    return this.#reply.push(chunk);
  }

  end(): Buffer | undefined {
    const body = this.#reply.end();
    if (body === undefined) return undefined;
    const object = { body, ...scanObject(body, { start: 0, end: body.length }) };
    // Without a count of its own, what it says is counted, or it would be free.
    const { observed } = this.#reply;
    if (!((observed.reported?.completionTokens ?? 0) > 0)) {
      const bytes = outputBytes(body, object.fields.get("output"));
      if (bytes > 0) observed.frames++;
      observed.textBytes += bytes;
    }
    return withAbsent(object);
  }
}

class NativeStream implements Reply {
  readonly observed = newObserved();
  readonly #call: Call;
  readonly #request: RequestId;
  readonly #envelope: Envelope;
  readonly #event: NativeEvent;
  readonly #reader = new FrameReader();
  readonly #rewriter = new Rewriter();
  #failure: Failure | undefined;
  /** Set when the answer turned out not to be a stream. */
  #error: ErrorAnswer | undefined;
  #passed = 0;
  #done = false;

  constructor(call: Call, request: RequestId, servedName: string) {
    this.#call = call;
    this.#request = request;
    this.#envelope = envelopeOf(call, request, servedName);
    this.#event = new NativeEvent(this.#envelope, this.observed);
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  get done(): boolean {
    return this.#done;
  }

  head(status: number, headers: Headers): void {
    const streams = status === 200 && contentType(headers).startsWith("text/event-stream") && !isPacked(headers);
    if (!streams) this.#error = new ErrorAnswer(status, headers);
  }

  push(chunk: Buffer): Buffer | undefined {
    if (this.#failure !== undefined || this.#done) return undefined;
    if (this.#error !== undefined) {
      if (!this.#error.add(chunk)) this.#fail(this.#error.judge(this.#envelope.names));
      return undefined;
    }
    const before = this.#passed;
    const out = this.#relay(chunk);
    if (this.#failure === undefined || before > 0) return out;
    // Nothing has gone out, and nothing need: another backend may start afresh.
    Object.assign(this.observed, newObserved());
    this.#passed = 0;
    return undefined;
  }

  end(): Buffer | undefined {
    if (this.#failure !== undefined || this.#done) return undefined;
    if (this.#error !== undefined) {
      this.#fail(this.#error.judge(this.#envelope.names));
      return undefined;
    }
    const out = this.#reader.rest().length > 0 ? this.push(BLANK_LINE) : undefined;
    if (!this.#done && this.failure === undefined) this.#fail(broken("the stream ended before the answer did"));
    return out;
  }

  brokenOff(fault: Fault): Buffer {
    return failedEvent(new ResponseObject(this.#call, this.#request), this.#passed, { output: [], fault });
  }

  #relay(chunk: Buffer): Buffer | undefined {
    const reader = this.#reader;
    let through = 0;
    try {
      reader.feed(chunk);
      const { bytes } = reader;
      this.#rewriter.begin(bytes, 0);
      while (!this.#done && reader.next()) {
        this.#frame(bytes);
        if (this.#failure !== undefined) break;
        through = reader.after;
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#fail(broken(error.detail ?? error.message));
    }
    return this.#rewriter.finish(through);
  }

  #frame(bytes: Buffer): void {
    const { start, end, after } = this.#reader;
    const line = bytes.indexOf(BYTE.lineFeed, start) + 1;
    const usual = line > 0 && line < end && bytes.compare(DATA, 0, DATA.length, line, line + DATA.length) === 0;
    if (usual && bytes.indexOf(BYTE.lineFeed, line) >= end && this.#event.read(bytes, line + DATA.length, end)) {
      const name = { start: start + "event: ".length, end: line - 1 };
      return this.#take(this.#event.rewritten(bytes, name), after);
    }
    if (usual && this.#event.error) return this.#failWith(bytes.subarray(line + DATA.length, end));
    this.#odd(bytes.subarray(start, end), after);
  }

  /** Any other frame: comments, [DONE], an error, an event whose name stands elsewhere. */
  #odd(frame: Buffer, after: number): void {
    const { data, error } = readEvent(frame);
    if (data === undefined || data.trim() === "[DONE]") return this.#rewriter.replace(this.#reader.start, after, NOTHING);
    const json = Buffer.from(data);
    if (error || !this.#event.read(json, 0, json.length)) return this.#failWith(json);
    this.#take(this.#event.rewritten(json, undefined), after);
  }

  #take(rewritten: Buffer | undefined, after: number): void {
    if (rewritten !== undefined) this.#rewriter.replace(this.#reader.start, after, rewritten);
    this.#passed++;
    this.#done = this.#event.last;
    if (this.#done) this.observed.finished = true;
  }

  #failWith(json: Buffer): void {
    this.#fail(classifyError({ status: readError(json).code ?? 500, body: json, retryAfterMs: undefined }, this.#envelope.names));
  }

  #fail(failure: Failure): void {
    this.observed.finished = false;
    const elsewhere = failure.elsewhere && this.#passed === 0;
    this.#failure = { fault: inResponsesWords(failure.fault), elsewhere, sick: failure.sick };
  }
}

function broken(detail: string): Failure {
  return { fault: new Fault("engine_failed", { detail }), elsewhere: true, sick: true };
}
