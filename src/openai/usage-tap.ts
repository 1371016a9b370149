/** Reads an engine's usage statement out of a scanned answer; what it is worth is judged by metering. */
import type { Slice } from "../domain/call.ts";
import type { Observed } from "../domain/usage.ts";
import { Fault } from "../faults.ts";
import { BYTE } from "./json-skip.ts";
import { readNumber, scanObject } from "./json-scan.ts";

export function newObserved(): Observed {
  return { reported: undefined, reports: 0, frames: 0, textBytes: 0, finished: false };
}

/** Notes the usage object at `slice`, in the words of chat or of the Responses API; anything else than an object states nothing, and so does one that has a key twice. */
export function noteUsage(observed: Observed, bytes: Buffer, slice: Slice): void {
  if (bytes[slice.start] !== BYTE.brace) return;
  try {
    read(observed, bytes, slice);
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // An answer is not lost because its count is: the rules for absent counts hold.
    observed.reported = { promptTokens: undefined, cachedTokens: undefined, completionTokens: undefined };
  }
  observed.reports++;
}

function read(observed: Observed, bytes: Buffer, slice: Slice): void {
  const { fields } = scanObject(bytes, slice);
  const details = fields.get("prompt_tokens_details") ?? fields.get("input_tokens_details");
  const cached =
    details !== undefined && bytes[details.start] === BYTE.brace ? scanObject(bytes, details).fields.get("cached_tokens") : undefined;
  observed.reported = {
    promptTokens: readNumber(bytes, fields.get("prompt_tokens") ?? fields.get("input_tokens")),
    cachedTokens: readNumber(bytes, cached),
    completionTokens: readNumber(bytes, fields.get("completion_tokens") ?? fields.get("output_tokens")),
  };
}
