/** What an answer says about itself, in the gateway's words: which id and which model name the caller sees. */
import { wireOf, type Call, type Wire } from "../domain/call.ts";
import type { RequestId } from "../domain/ids.ts";
import type { Names } from "./refusal.ts";
import { jsonString } from "./splice.ts";

/** The edits that every answer gets; the values are JSON, ready to be spliced in. */
export interface Envelope {
  readonly id: Buffer;
  readonly model: Buffer;
  readonly names: Names;
}

const ID_PREFIX: Readonly<Record<Wire, string>> = {
  chat: "chatcmpl-",
  completions: "cmpl-",
  embeddings: "embd-",
  tokenize: "tok-",
  responses: "resp_",
  rerank: "rerank-",
  score: "score-",
};
const PROMPT_PARAM: Readonly<Record<Wire, string>> = {
  chat: "messages",
  completions: "prompt",
  embeddings: "input",
  tokenize: "prompt",
  responses: "input",
  rerank: "documents",
  score: "text_2",
};

export function envelopeOf(call: Call, request: RequestId, servedName: string): Envelope {
  const wire = wireOf(call);
  return {
    id: jsonString(ID_PREFIX[wire] + request),
    model: jsonString(call.alias.name),
    names: { servedName, aliasName: call.alias.name, promptParam: PROMPT_PARAM[wire] },
  };
}

/** Unix seconds at which a request came in: its id begins with 48 bits of milliseconds, the only clock that a pure core needs here. */
export function createdS(request: RequestId): number {
  const ms = Number.parseInt(request.slice(0, 12), 16);
  return Number.isNaN(ms) ? 0 : Math.floor(ms / 1000);
}
