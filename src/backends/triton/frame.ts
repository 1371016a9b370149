/** Reads one frame of Triton's generate_stream. */
import { isList, isRecord, type Members } from "./body.ts";

export interface Frame {
  readonly error: string | undefined;
  /** By the names of the output tensors. */
  readonly outputs: Members;
}

/** The frame in a line's data; undefined when it is no JSON object. */
export function readFrame(data: string): Frame | undefined {
  let value: unknown;
  try {
    value = JSON.parse(data);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const error = value["error"];
  return { error: error === undefined ? undefined : typeof error === "string" ? error : "", outputs: value };
}

/** Element of a tensor: one that has a single element is a scalar on the wire, except where it is not. */
export function element({ outputs }: Frame, name: string, index: number): unknown {
  const value = outputs[name];
  if (isList(value)) return value[index];
  return index === 0 ? value : undefined;
}

/** The text of one sequence; undefined when the frame has none for it. */
export function textOf(frame: Frame, index: number): string | undefined {
  const text = element(frame, "text_output", index);
  return typeof text === "string" ? text : undefined;
}

/** The engine's word; undefined while it goes on (Triton writes the string "None"). */
export function finishOf(frame: Frame, index: number): string | undefined {
  const finish = element(frame, "finish_reason", index);
  if (typeof finish === "string") return finish !== "None" && finish !== "" ? finish : undefined;
  // Other servers of the protocol mark the last frame so.
  return frame.outputs["done"] === true ? "stop" : undefined;
}

/** Repeated in every frame; undefined when the backend does not tell. */
export function promptTokensOf(frame: Frame): number | undefined {
  return count(element(frame, "num_input_tokens", 0));
}

/** Of this frame alone, all sequences together; undefined when the backend does not tell. */
export function completionTokensOf({ outputs }: Frame): number | undefined {
  const value = outputs["num_output_tokens"];
  if (!isList(value)) return count(value);
  let sum: number | undefined;
  for (const each of value) {
    const tokens = count(each);
    if (tokens !== undefined) sum = (sum ?? 0) + tokens;
  }
  return sum;
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
