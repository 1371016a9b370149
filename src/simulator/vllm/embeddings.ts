/** POST /v1/embeddings: unit vectors that are the same for the same text, and near for texts that share words. */
import type { Exchange } from "../loopback-server.ts";
import { readDirectives } from "../directives.ts";
import { type Sink, Tally } from "../generation.ts";
import { hashNumbers, SeededRandom } from "../seeded.ts";
import { type TextAndIds, textsOf } from "./completion-request.ts";
import { type Fields, readFields } from "./fields.ts";
import type { Vllm } from "./options.ts";
import { badRequest, BROKEN } from "./refusal.ts";
import { seconds, sendJson } from "./replies.ts";
import { run } from "./run.ts";
import { checkModel } from "./sampling.ts";
import { strike } from "./strike.ts";
import { wholeUsage } from "./usage.ts";

/** What the tokenizer puts around a text: [CLS] and [SEP]. */
const FRAME_TOKENS = 2;

export function serveEmbeddings(vllm: Vllm, exchange: Exchange): void {
  const fields = readFields(exchange.body, exchange.header);
  const inputs = readInputs(vllm, fields);
  const dimensions = readDimensions(vllm, fields);
  const base64 = readEncoding(fields);
  const knobs = { ...vllm.knobs(), ...inputs.map(({ text }) => readDirectives(text).fail).find((fail) => fail !== undefined) };
  if (strike(vllm, exchange, knobs)) return;
  const parts = inputs.map(({ ids }) => ({ plan: { pieces: [""], finish: "stop" as const, stopReason: null }, prompt: ids, salt: 0 }));
  const done = (): void => {
    const promptTokens = inputs.reduce((sum, { ids }) => sum + ids.length, 0);
    const value = {
      id: `embd-${exchange.header("x-request-id") ?? vllm.random.hex(16)}`,
      object: "list",
      created: seconds(vllm),
      model: knobs.modelName ?? vllm.options.models[0],
      data: inputs.map(({ ids }, index) => {
        const vector = embed(ids, { seed: vllm.options.seed, dimensions });
        return { index, object: "embedding", embedding: base64 ? packed(vector) : [...vector] };
      }),
      usage: wholeUsage({ promptTokens, completionTokens: 0, cachedTokens: 0 }, knobs, false),
    };
    sendJson(vllm, exchange, { status: 200, value });
  };
  const broke = (): void => sendJson(vllm, exchange, { status: 500, value: BROKEN });
  const sink: Sink = { begin: () => undefined, token: () => undefined, done, broke };
  run(vllm, exchange, { knobs, parts, sink, tally: new Tally(), stream: false });
}

function readInputs(vllm: Vllm, fields: Fields): readonly TextAndIds[] {
  const input = fields.any("input");
  if (input === undefined) throw fields.missing("input");
  checkModel(vllm, fields);
  const texts = textsOf(input);
  if (texts.length === 0) throw badRequest("You must pass at least one prompt");
  // Token ids are taken as they are; a text gets its frame.
  const framed =
    Array.isArray(input) && typeof input[0] === "number" ? texts : texts.map(({ text, ids }) => ({ text, ids: [...ids, ...FRAME] }));
  const context = vllm.options.contextTokensMax;
  const long = framed.find(({ ids }) => ids.length > context);
  if (long === undefined) return framed;
  const message = `This model's maximum context length is ${context} tokens. However, your prompt contains ${long.ids.length} input tokens.`;
  throw badRequest(
    `${message} Please reduce the length of the input prompt. (parameter=input_tokens, value=${long.ids.length})`,
    "input_tokens",
  );
}

const FRAME: readonly number[] = Array.from({ length: FRAME_TOKENS }, () => 0);

function readDimensions(vllm: Vllm, fields: Fields): number {
  const { dimensions, matryoshka, models } = vllm.options;
  const asked = fields.integer("dimensions");
  if (asked === undefined || asked === dimensions || matryoshka.includes(asked)) return asked ?? dimensions;
  if (matryoshka.length === 0)
    throw badRequest(
      `Model "${models[0]}" does not support matryoshka representation, changing output dimensions will lead to poor results.`,
    );
  throw badRequest(`Model '${models[0]}' only supports Matryoshka dimensions [${matryoshka.join(", ")}], got ${asked}.`);
}

function readEncoding(fields: Fields): boolean {
  const format = fields.string("encoding_format") ?? "float";
  if (format === "float" || format === "base64") return format === "base64";
  throw badRequest(`Unsupported encoding_format: ${format}`, "encoding_format");
}

/** The sum of one random direction for each token, made one long: shared words bring texts near each other. */
export function embed(ids: readonly number[], { seed, dimensions }: { readonly seed: number; readonly dimensions: number }): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const id of ids) {
    const random = new SeededRandom(hashNumbers([id], seed));
    for (let index = 0; index < dimensions; index += 1) vector[index] = (vector[index] ?? 0) + random.unit() - 0.5;
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}

/** Little endian, as every engine's machine has it. */
function packed(vector: Float32Array): string {
  const bytes = Buffer.alloc(vector.length * 4);
  for (const [index, value] of vector.entries()) bytes.writeFloatLE(value, index * 4);
  return bytes.toString("base64");
}
