/** POST /v2/models/M/infer for embedding models: unit vectors that are the same for the same text. */
import { readDirectives } from "../directives.ts";
import { Generation, Tally } from "../generation.ts";
import type { Exchange } from "../loopback-server.ts";
import { encode } from "../tokens.ts";
import { embed } from "../vllm/embeddings.ts";
import { type InferRequest, readInfer } from "./infer-request.ts";
import { DIMENSIONS, isDecoupled, type SimulatedModel } from "./models.ts";
import type { Triton } from "./options.ts";
import { send, sendError, JSON_TYPE, TEXT_TYPE, TritonError } from "./replies.ts";
import { strike } from "./strike.ts";

const BINARY_TYPE = "application/octet-stream";
const HEADER = "inference-header-content-length";

/** @throws TritonError */
export function serveInfer(triton: Triton, exchange: Exchange, name: string): void {
  const model = triton.repository.model(name);
  if (isDecoupled(model.kind))
    throw new TritonError(501, "HTTP end point doesn't support models with decoupled transaction policy", TEXT_TYPE);
  const request = readInfer(model, exchange.body, exchange.header(HEADER));
  const texts = (request.inputs.get("TEXT") ?? []).map(String);
  const knobs = { ...triton.knobs(), ...texts.map((text) => readDirectives(text).fail).find((fail) => fail !== undefined) };
  if (strike(exchange.answer, knobs)) return;
  const rows = model.kind === "embed_text" ? texts.map(encode) : idRows(request);
  const done = (): void => {
    triton.repository.count(name);
    answer(exchange, { model, request, rows, seed: triton.options.seed });
  };
  const generation = new Generation({
    engine: triton.engine,
    answer: exchange.answer,
    knobs,
    parts: rows.map((prompt) => ({ plan: { pieces: [""], finish: "stop", stopReason: null }, prompt, salt: 0 })),
    sink: {
      begin: () => undefined,
      token: () => undefined,
      done,
      broke: () => sendError(exchange.answer, new TritonError(500, "fake encoder failure")),
    },
    // A client that leaves is never noticed here.
    notices: "never",
    tally: new Tally(),
  });
  if (!generation.start()) throw new TritonError(503, "[request id: <id_unknown>] Exceeds maximum queue size");
}

/** What the mask says is padding counts for nothing. */
function idRows({ rows, inputs }: InferRequest): readonly (readonly number[])[] {
  const ids = (inputs.get("input_ids") ?? []).map(Number);
  const mask = inputs.get("attention_mask") ?? [];
  const width = ids.length / rows;
  return Array.from({ length: rows }, (_, row) =>
    ids.slice(row * width, (row + 1) * width).filter((_id, index) => mask[row * width + index] === 1),
  );
}

interface Embedded {
  readonly model: SimulatedModel;
  readonly request: InferRequest;
  readonly rows: readonly (readonly number[])[];
  readonly seed: number;
}

function answer(exchange: Exchange, { model, request, rows, seed }: Embedded): void {
  const raw: Buffer[] = [];
  const outputs = request.outputs.map(({ name, binary }) => {
    const counts = name === "TOKENS";
    const values = counts ? rows.map(({ length }) => length) : rows.flatMap((ids) => [...embed(ids, { seed, dimensions: DIMENSIONS })]);
    const described = { name, datatype: counts ? "INT32" : "FP32", shape: [rows.length, counts ? 1 : DIMENSIONS] };
    if (!binary) return { ...described, data: values };
    const bytes = Buffer.alloc(values.length * 4);
    for (const [index, value] of values.entries())
      if (counts) bytes.writeInt32LE(value, index * 4);
      else bytes.writeFloatLE(value, index * 4);
    raw.push(bytes);
    return { ...described, parameters: { binary_data_size: bytes.length } };
  });
  const id = request.id === undefined ? {} : { id: request.id };
  const json = Buffer.from(JSON.stringify({ ...id, model_name: model.name, model_version: "1", outputs }));
  if (raw.length === 0) return send(exchange.answer, { status: 200, type: JSON_TYPE, text: json.toString() });
  const body = Buffer.concat([json, ...raw]);
  const lengths = ["Inference-Header-Content-Length", String(json.length), "Content-Length", String(body.length)];
  exchange.answer.head(200, ["Content-Type", BINARY_TYPE, ...lengths]);
  exchange.answer.end(body);
}
