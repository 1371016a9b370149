/** Reads one frame of Triton's generate_stream. */
import { isRecord } from "./prompt.ts";

export interface Frame {
  readonly error: string | undefined;
  readonly text: string;
  /** The engine's word; undefined while it goes on (Triton writes the string "None"). */
  readonly finish: string | undefined;
  /** Repeated in every frame; undefined when the backend does not tell. */
  readonly promptTokens: number | undefined;
  /** Of this frame alone. */
  readonly completionTokens: number | undefined;
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
  const text = only(value["text_output"]);
  const finish = only(value["finish_reason"]);
  const error = value["error"];
  return {
    error: error === undefined ? undefined : typeof error === "string" ? error : "",
    text: typeof text === "string" ? text : "",
    finish: typeof finish === "string" && finish !== "None" && finish !== "" ? finish : undefined,
    promptTokens: count(only(value["num_input_tokens"])),
    completionTokens: count(only(value["num_output_tokens"])),
  };
}

/** A tensor of one element is a scalar on the wire, except where it is not. */
function only(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  const list: readonly unknown[] = value;
  return list[0];
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
