/**
 * Relays one OpenAI-compatible event stream (chat and completions) from engine to caller.
 *
 * What is changed: `id` becomes the gateway's, `model` the alias, `system_fingerprint` null; usage goes only to callers that asked for
 * it; comments, ids, retry times and event names are dropped; [DONE] is added when every choice has finished without it. Everything else
 * passes as it is, vLLM's own members included (prompt_token_ids, prompt_text, kv_transfer_params, ec_transfer_params, metrics, …).
 */
import type { Call } from "../domain/call.ts";
import type { RequestId } from "../domain/ids.ts";
import { Fault } from "../faults.ts";
import type { Failure, Reply } from "../ports.ts";
import { ChunkEditor } from "./chunk-editor.ts";
import { classifyError } from "./engine-errors.ts";
import { readError } from "./engine-message.ts";
import { envelopeOf, type Envelope } from "./envelope.ts";
import { contentType, ErrorAnswer, isPacked } from "./error-answer.ts";
import { BYTE } from "./json-skip.ts";
import { Rewriter } from "./rewriter.ts";
import { NOTHING, splice } from "./splice.ts";
import { readEvent } from "./sse-fields.ts";
import { FrameReader } from "./sse-frames.ts";
import { newObserved } from "./usage-tap.ts";

const DONE = Buffer.from("data: [DONE]\n\n");
const BLANK_LINE = Buffer.from("\n\n");
const DATA = Buffer.from("data:");
const DATA_LENGTH = DATA.length;
const DONE_TEXT = "[DONE]";

export class StreamRelay implements Reply {
  readonly observed = newObserved();
  readonly #envelope: Envelope;
  readonly #choices: number;
  readonly #reader = new FrameReader();
  readonly #rewriter = new Rewriter();
  readonly #editor: ChunkEditor;
  #failure: Failure | undefined;
  /** Set when the answer turned out not to be a stream. */
  #error: ErrorAnswer | undefined;
  /** Bytes have gone to the caller, so no other backend can take over. */
  #passed = false;
  #done = false;

  constructor(call: Call, request: RequestId, servedName: string) {
    this.#envelope = envelopeOf(call, request, servedName);
    this.#choices = call.choices;
    this.#editor = new ChunkEditor(this.#envelope, this.observed, call.includeUsage);
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  get done(): boolean {
    return this.#done;
  }

  head(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    const streams = status === 200 && contentType(headers).startsWith("text/event-stream") && !isPacked(headers);
    if (!streams) this.#error = new ErrorAnswer(status, headers);
  }

  push(chunk: Buffer): Buffer | undefined {
    if (this.#failure !== undefined || this.#done) return undefined;
    if (this.#error !== undefined) {
      if (!this.#error.add(chunk)) this.#failure = this.#error.judge(this.#envelope.names);
      return undefined;
    }
    const out = this.#relay(chunk);
    if (this.#failure !== undefined && !this.#passed) {
      // Nothing has gone out, so what this chunk brought before the error need not go out either: another backend may start afresh.
      Object.assign(this.observed, newObserved());
      return undefined;
    }
    if (out !== undefined) this.#passed = true;
    return out;
  }

  end(): Buffer | undefined {
    if (this.#failure !== undefined || this.#done) return undefined;
    if (this.#error !== undefined) {
      this.#failure = this.#error.judge(this.#envelope.names);
      return undefined;
    }
    // A last event without its blank line is whole or malformed; the blank line decides which.
    const out = this.#reader.rest().length > 0 ? this.push(BLANK_LINE) : undefined;
    if (this.#done || this.failure !== undefined) return out;
    if (!this.observed.finished) {
      this.#fail(this.#broken("the stream ended before the answer did"));
      return out;
    }
    this.#done = true;
    return out === undefined ? DONE : Buffer.concat([out, DONE]);
  }

  #relay(chunk: Buffer): Buffer | undefined {
    const reader = this.#reader;
    let through = 0;
    try {
      reader.feed(chunk);
      const { bytes } = reader;
      this.#rewriter.begin(bytes, 0);
      while (!this.#done && reader.next()) {
        if (reader.plain && isData(bytes, reader.start)) this.#line(bytes);
        else this.#event(bytes);
        if (this.#failure !== undefined) break;
        through = reader.after;
      }
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#fail(this.#broken(error.detail ?? error.message));
    }
    return this.#rewriter.finish(through);
  }

  /** The usual frame: one data line. Edited in place. */
  #line(bytes: Buffer): void {
    const { start, end, after } = this.#reader;
    const json = bytes[start + DATA_LENGTH] === BYTE.space ? start + DATA_LENGTH + 1 : start + DATA_LENGTH;
    if (bytes[json] === BYTE.bracket && this.#isDone(bytes.toString("latin1", json, end))) return;
    const verdict = this.#editor.read(bytes, json, end);
    if (verdict === "error") return this.#failWith(bytes.subarray(json, end));
    if (verdict === "drop") this.#rewriter.replace(start, after, NOTHING);
    else for (const edit of this.#editor.edits) this.#rewriter.replace(edit.start, edit.end, edit.bytes);
    this.#note();
  }

  /** Any other frame: rewritten as one data line, or dropped when it has no data. */
  #event(bytes: Buffer): void {
    const { start, end, after } = this.#reader;
    const { data, error } = readEvent(bytes.subarray(start, end));
    if (data === undefined) return this.#rewriter.replace(start, after, NOTHING);
    const json = Buffer.from(data);
    if (error) return this.#failWith(json);
    if (this.#isDone(data)) return this.#rewriter.replace(start, after, DONE);
    const verdict = this.#editor.read(json, 0, json.length);
    if (verdict === "error") return this.#failWith(json);
    const kept = verdict === "drop" ? NOTHING : Buffer.concat([DATA, SPACE, splice(json, this.#editor.edits), BLANK_LINE]);
    this.#rewriter.replace(start, after, kept);
    this.#note();
  }

  #isDone(data: string): boolean {
    if (data.trim() !== DONE_TEXT) return false;
    if (!this.#editor.chosen) {
      this.#fail(this.#broken("the stream brought no choice before its end"));
      return true;
    }
    this.#done = true;
    this.observed.finished = true;
    return true;
  }

  #note(): void {
    if (this.#editor.finishes >= this.#choices) this.observed.finished = true;
  }

  #failWith(json: Buffer): void {
    const code = readError(json).code ?? 500;
    this.#fail(classifyError({ status: code, body: json, retryAfterMs: undefined }, this.#envelope.names));
  }

  #fail(failure: Failure): void {
    this.observed.finished = false;
    this.#failure = { fault: failure.fault, elsewhere: failure.elsewhere && !this.#passed, sick: failure.sick };
  }

  #broken(detail: string): Failure {
    return { fault: new Fault("engine_failed", { detail }), elsewhere: true, sick: true };
  }
}

const SPACE = Buffer.from(" ");

function isData(bytes: Buffer, at: number): boolean {
  return bytes[at] === 0x64 && bytes[at + 1] === 0x61 && bytes[at + 2] === 0x74 && bytes[at + 3] === 0x61 && bytes[at + 4] === BYTE.colon;
}
