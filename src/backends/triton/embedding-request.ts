/** A call for embeddings as the tensors of one infer request: a batch of texts, or of token ids with their padding. */
import { BOUNDS } from "../../bounds.ts";
import type { Model } from "../../domain/fleet.ts";
import { Fault } from "../../faults.ts";
import { isGiven, isList, type Members, unsupported, wrongType, wrongValue } from "./body.ts";
import type { EmbeddingShape } from "./shape.ts";
import { type Tensor, textBytes, wordBytes } from "./tensors.ts";

export interface EmbeddingRequest {
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly string[];
  readonly rows: number;
}

/** Members that say something about the caller, or are read where the answer is made. */
const KNOWN: ReadonlySet<string> = new Set(["model", "input", "encoding_format", "user"]);
/** The largest id that goes into an INT32. */
const ID_MAX = 0x7fffffff;

/** @throws Fault invalid_type, invalid_value, unsupported_parameter, array_too_long, context_length_exceeded, body_too_large */
export function embeddingRequest(body: Members, shape: EmbeddingShape, model: Model): EmbeddingRequest {
  for (const [name, value] of Object.entries(body)) if (isGiven(value) && !KNOWN.has(name)) throw unsupported(name);
  const { input } = body;
  const list = isList(input) ? (typeof input[0] === "number" ? [input] : input) : [input];
  checkBatch(list.length, shape);
  const outputs = shape.tokens === undefined ? [shape.output] : [shape.output, shape.tokens];
  const inputs = shape.input.takes === "text" ? [textTensor(list, shape)] : idTensors(list, shape, model);
  return { inputs, outputs, rows: list.length };
}

/** One request is one batch: a longer list would have to be several, and half of it could fail. */
function checkBatch(rows: number, { batchMax }: EmbeddingShape): void {
  const most = Math.max(1, batchMax);
  if (rows <= most) return;
  throw new Fault("array_too_long", {
    text: `Invalid 'input': array too long. Expected an array with maximum length ${String(most)}, but got an array with length ${String(rows)} instead.`,
    param: "input",
  });
}

function textTensor(list: readonly unknown[], { input, batchMax }: EmbeddingShape): Tensor {
  const texts = list.map((each, index) => {
    if (typeof each === "string") return each;
    // Ids would need a model that takes ids.
    if (isList(each)) throw unsupported("input");
    throw wrongType(list.length === 1 ? "input" : `input[${String(index)}]`, "a string");
  });
  return { name: input.name, shape: batchMax === 0 ? [1] : [texts.length, 1], datatype: "BYTES", bytes: textBytes(texts) };
}

function idTensors(list: readonly unknown[], shape: EmbeddingShape, { contextTokensMax }: Model): readonly Tensor[] {
  const rows = list.map(idsOf);
  const width = rows.reduce((most, row) => Math.max(most, row.length), 1);
  if (width > contextTokensMax) {
    throw new Fault("context_length_exceeded", {
      text: `This model's maximum context length is ${String(contextTokensMax)} tokens. However, your input has ${String(width)} tokens.`,
      param: "input",
    });
  }
  // A short row takes the room of the longest.
  if (rows.length * width * 8 > BOUNDS.bodyBytesMax) throw new Fault("body_too_large");
  const size = shape.batchMax === 0 ? [width] : [rows.length, width];
  const tensor = ({ name, datatype }: NonNullable<EmbeddingShape["mask"]>, words: readonly (readonly number[])[]): Tensor => ({
    name,
    shape: size,
    datatype,
    bytes: wordBytes(words, width, datatype),
  });
  const tensors = [tensor(shape.input, rows)];
  if (shape.mask !== undefined)
    tensors.push(
      tensor(
        shape.mask,
        rows.map((row) => row.map(() => 1)),
      ),
    );
  if (shape.types !== undefined)
    tensors.push(
      tensor(
        shape.types,
        rows.map(() => []),
      ),
    );
  return tensors;
}

function idsOf(row: unknown): readonly number[] {
  // Text would need a tokenizer, which a model of ids has not.
  if (!isList(row)) throw unsupported("input");
  return row.map((id) => {
    if (typeof id === "number" && Number.isInteger(id) && id >= 0 && id <= ID_MAX) return id;
    throw wrongValue("input", "a token id is a whole number from 0 up");
  });
}
