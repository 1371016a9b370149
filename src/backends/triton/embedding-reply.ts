/** Reads an infer answer with its binary tensors and speaks OpenAI's embeddings to the caller. */
import { BOUNDS } from "../../bounds.ts";
import type { Call } from "../../domain/call.ts";
import type { RequestId } from "../../domain/ids.ts";
import type { Observed } from "../../domain/usage.ts";
import { envelopeOf, type Envelope } from "../../openai/envelope.ts";
import { newObserved } from "../../openai/usage-tap.ts";
import type { Failure, Reply } from "../../ports.ts";
import { ErrorBody } from "./error-body.ts";
import { broken, judge } from "./errors.ts";
import type { EmbeddingShape } from "./shape.ts";
import { type Output, readInferred } from "./tensors.ts";

const OK = 200;
const FLOAT_BYTES = 4;

export interface EmbeddingPlan {
  readonly shape: EmbeddingShape;
  readonly rows: number;
  /** As base64 of the floats' bytes, which is what clients ask for that want speed. */
  readonly base64: boolean;
}

export class EmbeddingReply implements Reply {
  readonly observed: Observed = newObserved();
  readonly #plan: EmbeddingPlan;
  readonly #envelope: Envelope;
  readonly #promptTokensEstimate: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;
  #jsonBytes: number | undefined;
  #error: ErrorBody | undefined;
  #failure: Failure | undefined;

  constructor(call: Call, request: RequestId, servedName: string, plan: EmbeddingPlan) {
    this.#plan = plan;
    this.#envelope = envelopeOf(call, request, servedName);
    this.#promptTokensEstimate = call.promptTokensEstimate;
  }

  get failure(): Failure | undefined {
    return this.#failure;
  }

  head(status: number, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    if (status !== OK) this.#error = new ErrorBody(status);
    const length = Number(headers["inference-header-content-length"]);
    if (Number.isSafeInteger(length) && length > 0) this.#jsonBytes = length;
  }

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
    this.#failure = broken("the answer is too long");
  }

  end(): Buffer | undefined {
    if (this.#failure !== undefined) return undefined;
    if (this.#error !== undefined) {
      this.#failure = this.#error.judge(this.#envelope.names);
      return undefined;
    }
    const body = Buffer.concat(this.#chunks, this.#bytes);
    this.#chunks.length = 0;
    const inferred = readInferred(body, Math.min(this.#jsonBytes ?? body.length, body.length));
    if (inferred === undefined) this.#failure = broken("an answer that is no tensors");
    else if (inferred.error !== undefined) this.#failure = judge(OK, inferred.error, this.#envelope.names);
    else return this.#answer(inferred.outputs);
    return undefined;
  }

  #answer(outputs: ReadonlyMap<string, Output>): Buffer | undefined {
    const { shape, rows, base64 } = this.#plan;
    const output = outputs.get(shape.output);
    const vectors = output?.datatype === "FP32" ? vectorsOf(output.data, rows, base64) : undefined;
    if (vectors === undefined) {
      this.#failure = broken("vectors that do not fit what was asked");
      return undefined;
    }
    const tokens = shape.tokens === undefined ? undefined : sumOf(outputs.get(shape.tokens));
    this.observed.reported = { promptTokens: tokens, cachedTokens: undefined, completionTokens: undefined };
    if (tokens !== undefined) this.observed.reports = 1;
    else this.observed.reported = undefined;
    this.observed.finished = true;
    return Buffer.from(this.#body(vectors, tokens ?? this.#promptTokensEstimate));
  }

  /** Without a count of the engine the usage is what will be charged: OpenAI's answer always has one. */
  #body(vectors: readonly string[], tokens: number): string {
    const data = vectors.map((vector, index) => `{"object":"embedding","index":${String(index)},"embedding":${vector}}`).join(",");
    const usage = `{"prompt_tokens":${String(tokens)},"total_tokens":${String(tokens)}}`;
    return `{"object":"list","data":[${data}],"model":${this.#envelope.model.toString()},"usage":${usage}}`;
  }
}

/** One JSON value for each row; undefined when the numbers do not make as many rows of one length, or are no numbers. */
function vectorsOf(data: Output["data"], rows: number, base64: boolean): readonly string[] | undefined {
  const floats = Buffer.isBuffer(data) ? floatsOf(data) : jsonFloats(data);
  if (floats === undefined || floats.length === 0 || floats.length % rows !== 0) return undefined;
  const width = floats.length / rows;
  return Array.from({ length: rows }, (_, row) => {
    const vector = floats.subarray(row * width, (row + 1) * width);
    if (!base64) return `[${vector.join(",")}]`;
    return `"${Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64")}"`;
  });
}

/** A copy, since the tensor lies where the JSON before it happened to end. */
function floatsOf(bytes: Buffer): Float32Array | undefined {
  if (bytes.length % FLOAT_BYTES !== 0) return undefined;
  const floats = new Float32Array(bytes.length / FLOAT_BYTES);
  bytes.copy(Buffer.from(floats.buffer));
  return floats.every(Number.isFinite) ? floats : undefined;
}

function jsonFloats(data: readonly unknown[]): Float32Array | undefined {
  const floats = Float32Array.from(data, Number);
  return floats.every(Number.isFinite) ? floats : undefined;
}

/** Tokens of all rows; undefined when the engine does not say. */
function sumOf(output: Output | undefined): number | undefined {
  if (output === undefined) return undefined;
  const { data, datatype } = output;
  if (!Buffer.isBuffer(data)) return data.reduce<number>((sum, each) => sum + Number(each), 0);
  const step = datatype.endsWith("64") ? 8 : 4;
  if (data.length === 0 || data.length % step !== 0) return undefined;
  let sum = 0;
  for (let at = 0; at < data.length; at += step) sum += data.readInt32LE(at);
  return sum;
}
