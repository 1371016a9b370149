/** Usage of a chat in the words of the Responses API. */
import type { Call, Slice } from "../../domain/call.ts";
import type { Observed } from "../../domain/usage.ts";
import { readNumber, scanObject } from "../json-scan.ts";
import { BYTE } from "../json-skip.ts";

const BYTES_PER_TOKEN = 4;

/** JSON of `usage`. Clients stumble over its absence: where the engine states none, what was counted stands there, as in the bill. */
export function responseUsage(
  call: Call,
  observed: Observed,
  stated: { readonly bytes: Buffer; readonly usage: Slice } | undefined,
): Buffer {
  const { reported, frames, textBytes } = observed;
  const input = count(reported?.promptTokens) ?? call.promptTokensEstimate;
  const output = count(reported?.completionTokens) ?? Math.max(frames, Math.ceil(textBytes / BYTES_PER_TOKEN));
  const details = { input_tokens_details: { cached_tokens: count(reported?.cachedTokens) ?? 0, cache_write_tokens: 0 } };
  const reasoning = stated === undefined ? 0 : (count(reasoningTokens(stated.bytes, stated.usage)) ?? 0);
  return Buffer.from(
    JSON.stringify({
      input_tokens: input,
      ...details,
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: reasoning },
      total_tokens: input + output,
    }),
  );
}

function reasoningTokens(bytes: Buffer, usage: Slice): number | undefined {
  const details = scanObject(bytes, usage).fields.get("completion_tokens_details");
  if (details === undefined || bytes[details.start] !== BYTE.brace) return undefined;
  return readNumber(bytes, scanObject(bytes, details).fields.get("reasoning_tokens"));
}

/** What no client can read as a count is none. */
function count(value: number | undefined): number | undefined {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
