/** Tensors as they lie behind the JSON of an infer request and answer: raw, little endian, one behind the other. */
import { isList, isRecord, type Members } from "./body.ts";
import type { TensorType } from "./shape.ts";

export interface Tensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly datatype: TensorType;
  readonly bytes: Buffer;
}

const LENGTH_BYTES = 4;
const WORD_BYTES = 4;

/** Texts as Triton has them: each with its length in bytes before it. */
export function textBytes(texts: readonly string[]): Buffer {
  const lengths = texts.map((text) => Buffer.byteLength(text));
  const bytes = Buffer.allocUnsafe(lengths.reduce((sum, length) => sum + LENGTH_BYTES + length, 0));
  let at = 0;
  for (const [index, text] of texts.entries()) {
    at = bytes.writeUInt32LE(lengths[index] ?? 0, at);
    at += bytes.write(text, at);
  }
  return bytes;
}

/** Whole numbers from 0 to 2^31 - 1, in rows of one width; what a row lacks is 0. */
export function wordBytes(rows: readonly (readonly number[])[], width: number, datatype: TensorType): Buffer {
  const step = datatype === "INT64" ? 2 * WORD_BYTES : WORD_BYTES;
  const bytes = Buffer.alloc(rows.length * width * step);
  for (const [index, row] of rows.entries()) {
    let at = index * width * step;
    for (const word of row) {
      bytes.writeInt32LE(word, at);
      at += step;
    }
  }
  return bytes;
}

/** The body of an infer request, and how much of it is JSON. @param outputs names; all are asked for in binary */
export function inferBody(
  id: string,
  inputs: readonly Tensor[],
  outputs: readonly string[],
): { readonly body: Buffer; readonly jsonBytes: number } {
  const json = Buffer.from(
    JSON.stringify({
      id,
      inputs: inputs.map(({ name, shape, datatype, bytes }) => ({ name, shape, datatype, parameters: { binary_data_size: bytes.length } })),
      outputs: outputs.map((name) => ({ name, parameters: { binary_data: true } })),
    }),
  );
  return { body: Buffer.concat([json, ...inputs.map(({ bytes }) => bytes)]), jsonBytes: json.length };
}

/** One output of an infer answer: numbers as JSON has them, or raw. */
export interface Output {
  readonly datatype: string;
  readonly shape: readonly number[];
  readonly data: readonly unknown[] | Buffer;
}

export interface Inferred {
  readonly error: string | undefined;
  readonly outputs: ReadonlyMap<string, Output>;
}

/** An infer answer. @param jsonBytes how much of it is JSON @returns undefined when it is not what it says of itself */
export function readInferred(body: Buffer, jsonBytes: number): Inferred | undefined {
  const json = parse(body.toString("utf8", 0, jsonBytes));
  if (json === undefined) return undefined;
  const { error, outputs: listed } = json;
  if (error !== undefined) return { error: typeof error === "string" ? error : "", outputs: new Map() };
  const outputs = new Map<string, Output>();
  let at = jsonBytes;
  for (const one of isList(listed) ? listed : []) {
    if (!isRecord(one) || typeof one["name"] !== "string" || typeof one["datatype"] !== "string") return undefined;
    const size = binarySize(one);
    const data = size === undefined ? flat(one["data"]) : body.subarray(at, at + size);
    if (size !== undefined && data.length !== size) return undefined;
    at += size ?? 0;
    outputs.set(one["name"], { datatype: one["datatype"], shape: numbers(one["shape"]), data });
  }
  return { error: undefined, outputs };
}

function binarySize(output: Members): number | undefined {
  const parameters = output["parameters"];
  const size = isRecord(parameters) ? parameters["binary_data_size"] : undefined;
  return typeof size === "number" && Number.isSafeInteger(size) && size >= 0 ? size : undefined;
}

/** Data may be nested by its shape, or not. */
function flat(data: unknown): readonly unknown[] {
  return isList(data) ? data.flat(DIMENSIONS_MAX) : [];
}

const DIMENSIONS_MAX = 4;

function numbers(list: unknown): readonly number[] {
  return isList(list) ? list.filter((each) => typeof each === "number") : [];
}

function parse(text: string): Members | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
