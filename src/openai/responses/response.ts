/** The Response object: what was asked for, said back, around what came of it. */
import type { Call, Slice } from "../../domain/call.ts";
import type { RequestId } from "../../domain/ids.ts";
import type { Fault } from "../../faults.ts";
import { createdS } from "../envelope.ts";
import { isGiven } from "../json-scan.ts";
import { jsonString } from "../splice.ts";
import { joined } from "./bytes.ts";
import { between } from "./tools.ts";

/** Settings that are said back, and what stands for those that were not given. Clients read each of them. */
const SETTINGS: readonly (readonly [string, string])[] = [
  ["instructions", "null"],
  ["max_output_tokens", "null"],
  ["max_tool_calls", "null"],
  ["metadata", "{}"],
  ["parallel_tool_calls", "true"],
  ["presence_penalty", "0"],
  ["frequency_penalty", "0"],
  ["prompt_cache_key", "null"],
  ["reasoning", '{"effort":null,"summary":null}'],
  ["safety_identifier", "null"],
  ["temperature", "null"],
  ["text", '{"format":{"type":"text"}}'],
  ["tool_choice", '"auto"'],
  ["tools", "[]"],
  ["top_logprobs", "0"],
  ["top_p", "null"],
  ["user", "null"],
];

/** The same for all, whatever was asked. */
const FIXED = '"background":false,"previous_response_id":null,"service_tier":"default","store":false,"truncation":"disabled"';

export type Status = "in_progress" | "completed" | "incomplete" | "failed";

export interface Outcome {
  readonly status: Status;
  /** JSON of each item. */
  readonly output: readonly Buffer[];
  /** JSON; undefined: not known. */
  readonly usage: Buffer | undefined;
  readonly incomplete?: "max_output_tokens" | "content_filter" | undefined;
  readonly fault?: Fault | undefined;
}

/** One request's Response object, at each of its stages. */
export class ResponseObject {
  readonly #head: Buffer;

  constructor(call: Call, request: RequestId) {
    const said = SETTINGS.map(([name, absent]) => joined(`"${name}":`, settingOf(call, name) ?? absent));
    const identity = `"id":"resp_${request}","object":"response","created_at":${createdS(request)},"model":`;
    this.#head = joined("{", identity, jsonString(call.alias.name), ",", FIXED, ",", ...between(said));
  }

  /** JSON. */
  at({ status, output, usage, incomplete, fault }: Outcome): Buffer {
    const state = `,"status":"${status}","completed_at":null,"error":${fault === undefined ? "null" : errorOf(fault)}`;
    const details = `,"incomplete_details":${incomplete === undefined ? "null" : `{"reason":"${incomplete}"}`}`;
    return joined(this.#head, state, details, ',"output":[', ...between(output), '],"usage":', usage ?? "null", "}");
  }
}

function settingOf({ body, fields }: Call, name: string): Buffer | undefined {
  const value: Slice | undefined = fields.get(name);
  return isGiven(body, value) ? body.subarray(value.start, value.end) : undefined;
}

/** OpenAI's list of codes here is short. */
function errorOf(fault: Fault): string {
  const code = fault.kind.status === 429 ? "rate_limit_exceeded" : fault.kind.status < 500 ? "invalid_prompt" : "server_error";
  return JSON.stringify({ code, message: fault.message });
}

/** `event: response.failed` and its data: how a stream that has begun tells that it ends here. */
export function failedEvent(
  response: ResponseObject,
  sequence: number,
  failed: { readonly output: readonly Buffer[]; readonly fault: Fault },
): Buffer {
  const object = response.at({ status: "failed", usage: undefined, ...failed });
  return joined(`event: response.failed\ndata: {"type":"response.failed","sequence_number":${sequence},"response":`, object, "}\n\n");
}
