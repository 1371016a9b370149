/** Items of a Response's output as JSON: messages, thoughts, calls. The same in a stream and in one piece. */
import { joined } from "./bytes.ts";
import { between } from "./tools.ts";

/** How an item ended, or that it has not. */
export type ItemStatus = "in_progress" | "completed" | "incomplete";

/** All texts are JSON strings, quotes included. */
export function textPart(text: Buffer, logprobs: Buffer | undefined): Buffer {
  return joined('{"type":"output_text","annotations":[],"logprobs":', logprobs ?? "[]", ',"text":', text, "}");
}

export function refusalPart(text: Buffer): Buffer {
  return joined('{"type":"refusal","refusal":', text, "}");
}

export function reasoningPart(text: Buffer): Buffer {
  return joined('{"type":"reasoning_text","text":', text, "}");
}

export function messageItem(id: string, status: ItemStatus, parts: readonly Buffer[]): Buffer {
  return joined(`{"id":"${id}","type":"message","status":"${status}","role":"assistant","content":[`, ...between(parts), "]}");
}

export function reasoningItem(id: string, status: ItemStatus, parts: readonly Buffer[]): Buffer {
  return joined(`{"id":"${id}","type":"reasoning","status":"${status}","summary":[],"content":[`, ...between(parts), "]}");
}

/** What names a call, as JSON strings. */
export interface CallNames {
  readonly callId: Buffer;
  readonly name: Buffer;
}

export function callItem(id: string, status: ItemStatus, call: CallNames & { readonly args: Buffer }): Buffer {
  const names = joined('"call_id":', call.callId, ',"name":', call.name);
  return joined(`{"id":"${id}","type":"function_call","status":"${status}",`, names, ',"arguments":', call.args, "}");
}

const PREFIXES = { message: "msg_", reasoning: "rs_", call: "fc_" } as const;

/** The gateway's own name of an item: no two in the world have the same. */
export function itemId(kind: keyof typeof PREFIXES, request: string, index: number): string {
  return `${PREFIXES[kind]}${request}${index.toString(16).padStart(4, "0")}`;
}
