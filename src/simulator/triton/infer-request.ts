/** Reads an infer request: tensors as JSON, or raw behind it, with the server's own complaints. */
import { isMembers, type Members, parseJson } from "./fields.ts";
import { type SimulatedModel, type Tensor, TENSORS } from "./models.ts";
import { TritonError } from "./replies.ts";

export interface InferRequest {
  readonly id: string | undefined;
  readonly rows: number;
  /** By the names of the input tensors; flat. */
  readonly inputs: ReadonlyMap<string, readonly (string | number)[]>;
  /** Names of the wanted outputs in their order, and whether each is wanted raw. */
  readonly outputs: readonly { readonly name: string; readonly binary: boolean }[];
}

/** @param header Inference-Header-Content-Length @throws TritonError */
export function readInfer(model: SimulatedModel, body: Buffer, header: string | undefined): InferRequest {
  const jsonBytes = header === undefined ? body.length : Number(header);
  if (!Number.isInteger(jsonBytes) || jsonBytes < 0 || jsonBytes > body.length)
    throw new TritonError(400, `request has ${body.length} bytes, header says ${header ?? ""}`);
  const value = parseJson(body.toString("utf8", 0, jsonBytes));
  if (!isMembers(value)) throw new TritonError(500, `failed to parse the request JSON buffer: Invalid value. at ${jsonBytes}`);
  const { inputs: given } = value;
  const inputs = new Map<string, readonly (string | number)[]>();
  let rows = 1;
  let at = jsonBytes;
  for (const one of listOf(given)) {
    const tensor = tensorOf(model, one);
    const size = parameter(one, "binary_data_size");
    const shape = flat(one["shape"]).map(Number);
    rows = shape[0] ?? 1;
    checkBatch(model, rows);
    const data = typeof size === "number" ? unpacked(tensor, body.subarray(at, at + size)) : flat(one["data"]);
    at += typeof size === "number" ? size : 0;
    const expected = shape.reduce((product, each) => product * each, 1);
    if (data.length !== expected)
      throw new TritonError(400, `input '${tensor.name}' got unexpected elements count ${data.length}, expected ${expected}`);
    inputs.set(tensor.name, data);
  }
  checkInputs(model, inputs);
  return { id: typeof value["id"] === "string" ? value["id"] : undefined, rows, inputs, outputs: outputsOf(model, value) };
}

function tensorOf({ name, kind }: SimulatedModel, one: Members): Tensor {
  const tensor = TENSORS[kind].inputs.find((each) => each.name === one["name"]);
  if (tensor === undefined) throw new TritonError(400, `unexpected inference input '${String(one["name"])}' for model '${name}'`);
  if (tensor.datatype !== one["datatype"]) {
    const got = `inference input '${tensor.name}' data-type is '${String(one["datatype"])}', but model '${name}' expects '${tensor.datatype}'`;
    throw new TritonError(400, `[request id: <id_unknown>] ${got}`);
  }
  return tensor;
}

function checkBatch({ name, kind }: SimulatedModel, rows: number): void {
  const { batchMax } = TENSORS[kind];
  if (rows > batchMax)
    throw new TritonError(400, `[request id: <id_unknown>] inference request batch-size must be <= ${batchMax} for '${name}'`);
}

function checkInputs({ name, kind }: SimulatedModel, inputs: ReadonlyMap<string, unknown>): void {
  const needed = TENSORS[kind].inputs.map((tensor) => tensor.name);
  const missing = needed.filter((each) => !inputs.has(each));
  if (missing.length === 0) return;
  const quoted = (names: readonly string[]): string => `[${names.map((each) => `'${each}'`).join(", ")}]`;
  const expected = `expected ${needed.length} inputs but got ${inputs.size} inputs for model '${name}'.`;
  const got = `Got input(s) ${quoted([...inputs.keys()])}, but missing required input(s) ${quoted(missing)}.`;
  throw new TritonError(400, `[request id: <id_unknown>] ${expected} ${got} Please provide all required input(s).`);
}

function outputsOf({ name, kind }: SimulatedModel, value: Members): InferRequest["outputs"] {
  const all = TENSORS[kind].outputs.map((tensor) => tensor.name);
  const listed = listOf(value["outputs"]);
  if (listed.length === 0) return all.map((each) => ({ name: each, binary: parameter(value, "binary_data_output") === true }));
  return listed.map((one) => {
    const wanted = all.find((each) => each === one["name"]);
    if (wanted === undefined) throw new TritonError(400, `unexpected inference output '${String(one["name"])}' for model '${name}'`);
    return { name: wanted, binary: parameter(one, "binary_data") === true };
  });
}

function unpacked({ datatype }: Tensor, bytes: Buffer): readonly (string | number)[] {
  const values: (string | number)[] = [];
  if (datatype !== "BYTES") {
    for (let at = 0; at + 8 <= bytes.length; at += 8) values.push(Number(bytes.readBigInt64LE(at)));
    return values;
  }
  for (let at = 0; at + 4 <= bytes.length;) {
    const length = bytes.readUInt32LE(at);
    values.push(bytes.toString("utf8", at + 4, at + 4 + length));
    at += 4 + length;
  }
  return values;
}

function flat(data: unknown): readonly (string | number)[] {
  const list: readonly unknown[] = Array.isArray(data) ? data.flat(4) : [];
  return list.filter((each) => typeof each === "string" || typeof each === "number");
}

function parameter(of: Members, name: string): unknown {
  const parameters = of["parameters"];
  return isMembers(parameters) ? parameters[name] : undefined;
}

function listOf(value: unknown): readonly Members[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.filter(isMembers);
}
