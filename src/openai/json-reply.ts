/**
 * Reads one whole JSON answer (of any endpoint but a stream) and edits its envelope: `id` becomes the gateway's, `model` the
 * alias, `system_fingerprint` null; everything else passes as the engine wrote it.
 */
import { BOUNDS } from "../bounds.ts";
import { wireOf, type Call, type Wire } from "../domain/call.ts";
import type { RequestId } from "../domain/ids.ts";
import { Fault } from "../faults.ts";
import type { Failure, Reply } from "../ports.ts";
import { ChoiceTally } from "./choice-tally.ts";
import { scanEmbeddings } from "./embedding-scan.ts";
import { classifyError } from "./engine-errors.ts";
import { readError } from "./engine-message.ts";
import { envelopeOf, type Envelope } from "./envelope.ts";
import { contentType, ErrorAnswer, isPacked } from "./error-answer.ts";
import { isGiven, readString, scanObject, type Scanned } from "./json-scan.ts";
import { NULL, splice, type Edit } from "./splice.ts";
import { newObserved, noteUsage } from "./usage-tap.ts";

const REQUIRED: ReadonlyMap<Wire, string> = new Map([
  ["chat", "choices"],
  ["completions", "choices"],
  ["embeddings", "data"],
  ["responses", "output"],
  ["rerank", "results"],
  ["score", "data"],
]);

export class JsonReply implements Reply {
  readonly observed = newObserved();
  readonly #envelope: Envelope;
  readonly #embeddings: boolean;
  /** The member without which an answer is none; undefined: any object is one. */
  readonly #required: string | undefined;
  /** Of all choices together, as far as the caller has said. */
  readonly #completionTokensMax: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #failure: Failure | undefined;
  #error: ErrorAnswer | undefined;

  constructor(call: Call, request: RequestId, servedName: string) {
    this.#envelope = envelopeOf(call, request, servedName);
    this.#embeddings = call.capability === "embeddings";
    this.#required = REQUIRED.get(wireOf(call));
    this.#completionTokensMax = (call.completionTokensAsked ?? Infinity) * call.choices;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  head(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    const json = status === 200 && contentType(headers).startsWith("application/json") && !isPacked(headers);
    if (!json) this.#error = new ErrorAnswer(status, headers);
  }

  /** Collects; a whole answer is judged at its end. */
  push(chunk: Buffer): undefined {
    if (this.#failure !== undefined) return;
    if (this.#error !== undefined) {
      if (!this.#error.add(chunk)) this.#failure = this.#error.judge(this.#envelope.names);
      return;
    }
    this.#bytes += chunk.length;
    this.#chunks.push(chunk);
    if (this.#bytes <= BOUNDS.replyJsonBytesMax) return;
    this.#chunks.length = 0;
    this.#failure = broken("the answer is larger than replyJsonBytesMax");
  }

  end(): Buffer | undefined {
    if (this.#failure !== undefined) return undefined;
    if (this.#error !== undefined) {
      this.#failure = this.#error.judge(this.#envelope.names);
      return undefined;
    }
    const first = this.#chunks[0];
    const body = this.#chunks.length === 1 && first !== undefined ? first : Buffer.concat(this.#chunks, this.#bytes);
    this.#chunks.length = 0;
    try {
      return this.#answer(body, this.#embeddings ? scanEmbeddings(body) : scanObject(body, { start: 0, end: body.length }));
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      this.#failure = broken(error.message);
      return undefined;
    }
  }

  #answer(body: Buffer, { fields }: Scanned): Buffer | undefined {
    const object = fields.get("object");
    if (isGiven(body, fields.get("error")) || (object !== undefined && readString(body, object) === "error")) {
      const status = readError(body).code ?? 500;
      this.#failure = classifyError({ status, body, retryAfterMs: undefined }, this.#envelope.names);
      return undefined;
    }
    if (this.#required !== undefined && !isGiven(body, fields.get(this.#required))) {
      this.#failure = broken(`the answer has no ${this.#required}`);
      return undefined;
    }
    const usage = fields.get("usage");
    if (usage !== undefined) noteUsage(this.observed, body, usage);
    this.#tally(body, fields);
    this.observed.finished = true;
    const edits = this.#edits(body, fields);
    return edits.length === 0 ? body : splice(body, edits);
  }

  /** No token is shorter than a byte, and nobody gets more of them than were asked for. */
  #believes(tokens: number | undefined, bodyBytes: number): boolean {
    return Number.isSafeInteger(tokens) && tokens !== undefined && tokens > 0 && tokens <= Math.min(bodyBytes, this.#completionTokensMax);
  }

  /** Output is looked for only where the engine's count says nothing of it: a whole answer with a sane count needs no second opinion. */
  #tally(body: Buffer, fields: Scanned["fields"]): void {
    const choices = fields.get("choices");
    if (choices === undefined || this.#believes(this.observed.reported?.completionTokens, body.length)) return;
    const tally = new ChoiceTally();
    tally.read(body, choices.start);
    if (tally.outputBytes > 0) this.observed.frames++;
    this.observed.textBytes += tally.outputBytes;
  }

  /** In the order of the body, as splice wants them. */
  #edits(body: Buffer, fields: Scanned["fields"]): readonly Edit[] {
    const edits: Edit[] = [];
    for (const [name, { start, end }] of fields) {
      const bytes =
        name === "id" ? this.#envelope.id : name === "model" ? this.#envelope.model : name === "system_fingerprint" ? NULL : undefined;
      if (bytes !== undefined && bytes.compare(body, start, end) !== 0) edits.push({ start, end, bytes });
    }
    return edits;
  }
}

function broken(detail: string): Failure {
  return { fault: new Fault("engine_failed", { detail }), elsewhere: true, sick: true };
}
