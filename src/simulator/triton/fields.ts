/** The members of a generate request as Triton's frontend reads them, with its own ideas of what is a client's fault. */
import { type SimulatedModel, type Tensor, TENSORS } from "./models.ts";
import { TritonError } from "./replies.ts";

export type Members = Readonly<Record<string, unknown>>;

const PARSE = "Unable to parse 'data': attempt to access JSON non-";

/** @throws TritonError */
export function readMembers(model: SimulatedModel, body: Buffer): { readonly members: Members; readonly inputs: Members } {
  const members = parse(body);
  const inputs = { ...members, ...readParameters(members["parameters"]) };
  checkInputs(model, inputs);
  for (const tensor of TENSORS[model.kind].inputs) if (inputs[tensor.name] !== undefined) checkValue(tensor, inputs[tensor.name]);
  return { members, inputs };
}

/** @throws TritonError */
function parse(body: Buffer): Members {
  const unparsed = "failed to parse the request JSON buffer: ";
  if (body.length === 0) throw new TritonError(500, `${unparsed}The document is empty. at 0`);
  const value = parseJson(body.toString());
  if (value === undefined) throw new TritonError(500, `${unparsed}Invalid value. at ${body.length}`);
  if (!isMembers(value)) throw new TritonError(500, "attempt to get members for non-object");
  return value;
}

export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** Strings, numbers and booleans alone: a list has to go inside sampling_parameters. */
function readParameters(value: unknown): Members {
  if (value === undefined) return {};
  if (!isMembers(value)) throw new TritonError(500, "attempt to get members for non-object");
  for (const [name, member] of Object.entries(value)) {
    if (["string", "number", "boolean"].includes(typeof member)) continue;
    const must = "It should be either 'int', 'bool', or 'string'.";
    throw new TritonError(400, `Converting keyword: 'parameters': parameter '${name}' has invalid type. ${must}`);
  }
  return value;
}

/** Only their number is checked: as many tensors of any name as are needed get through to the model. */
function checkInputs({ name, kind }: SimulatedModel, inputs: Members): void {
  const known = TENSORS[kind].inputs;
  const needed = known.filter(({ optional }) => !optional).map((tensor) => tensor.name);
  const given = known.filter((tensor) => inputs[tensor.name] !== undefined).map((tensor) => tensor.name);
  if (given.length >= needed.length) return;
  const missing = needed.filter((each) => !given.includes(each));
  const expected = `expected number of inputs between ${needed.length} and ${known.length} but got ${given.length} inputs for model '${name}'.`;
  const got = `Got input(s) [${quoted(given)}], but missing required input(s) [${quoted(missing)}]. Please provide all required input(s).`;
  throw new TritonError(400, `[request id: <id_unknown>] ${expected} ${got}`);
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `'${name}'`).join(", ");
}

/** A value of the wrong type is a 500, though it is the client's fault. */
function checkValue({ datatype, shape }: Tensor, value: unknown): void {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const words: Partial<Record<Tensor["datatype"], string>> = { BOOL: "boolean", FP32: "number" };
  for (const one of shape[0] === -1 ? list : list.slice(0, 1)) {
    if (datatype === "BYTES") {
      if (typeof one !== "string")
        throw new TritonError(500, "Unable to parse JSON bytes array: attempt to access JSON non-string as string");
      continue;
    }
    const word = words[datatype] ?? (datatype.startsWith("U") ? "unsigned-integer" : "signed-integer");
    const fits =
      word === "boolean"
        ? typeof one === "boolean"
        : typeof one === "number" && (word === "number" || Number.isInteger(one)) && (word !== "unsigned-integer" || one >= 0);
    if (!fits) throw new TritonError(500, `${PARSE}${word} as ${word}`);
  }
}

export function isMembers(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A scalar, or the list of one that a tensor may be as well. */
export function only(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const list: readonly unknown[] = value;
  return list[0];
}
