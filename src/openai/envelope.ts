/** What an answer says about itself, in the gateway's words: which id and which model name the caller sees. */
import type { Call } from "../domain/call.ts";
import type { Capability } from "../domain/fleet.ts";
import type { RequestId } from "../domain/ids.ts";
import type { Names } from "./refusal.ts";
import { jsonString } from "./splice.ts";

/** The edits that every answer gets; the values are JSON, ready to be spliced in. */
export interface Envelope {
  readonly id: Buffer;
  readonly model: Buffer;
  readonly names: Names;
}

const ID_PREFIX: Readonly<Record<Capability, string>> = { chat: "chatcmpl-", completions: "cmpl-", embeddings: "embd-", tokenize: "tok-" };
const PROMPT_PARAM: Readonly<Record<Capability, string>> = {
  chat: "messages",
  completions: "prompt",
  embeddings: "input",
  tokenize: "prompt",
};

export function envelopeOf(call: Call, request: RequestId, servedName: string): Envelope {
  return {
    id: jsonString(ID_PREFIX[call.capability] + request),
    model: jsonString(call.alias.name),
    names: { servedName, aliasName: call.alias.name, promptParam: PROMPT_PARAM[call.capability] },
  };
}
