/** What the wire's tests share: a call, a stream's frames as vLLM writes them, and ways to feed them. */
import { isUtf8 } from "node:buffer";
import type { Call } from "../../../src/domain/call.ts";
import { modelId, requestId } from "../../../src/domain/ids.ts";
import type { Alias } from "../../../src/domain/tenancy.ts";
import { Fault } from "../../../src/faults.ts";
import { StreamRelay } from "../../../src/openai/chat-stream.ts";

export const REQUEST = requestId("0192f0a1b2c3d4e5f60718293a4b5c6d");
export const CHECKS = { isUtf8 };
export const SSE = { "content-type": "text/event-stream; charset=utf-8" };
export const JSON_TYPE = { "content-type": "application/json" };

export const ALIAS: Alias = {
  name: "north-1",
  model: modelId("tiny"),
  ownedBy: "north",
  price: { inputMicroPerMillion: 1, cachedInputMicroPerMillion: 1, outputMicroPerMillion: 1 },
  createdAtS: 1_700_000_000,
};

export function call(changes: Partial<Call> = {}): Call {
  return {
    capability: "chat",
    body: Buffer.from("{}"),
    fields: new Map(),
    closeAt: 1,
    alias: ALIAS,
    stream: true,
    includeUsage: false,
    promptTokensEstimate: 1,
    promptTokensMax: 1,
    completionTokensAsked: undefined,
    choices: 1,
    ...changes,
  };
}

export function relay(changes: Partial<Call> = {}): StreamRelay {
  const stream = new StreamRelay(call(changes), REQUEST, "tiny-llama");
  stream.head(200, SSE);
  return stream;
}

const HEAD = '{"id":"chatcmpl-a636c554f5559a2c","object":"chat.completion.chunk","created":1795355204,"model":"tiny-llama","choices":';

export const frame = (json: string): string => `data: ${json}\n\n`;
export const chunk = (delta: string, more = ""): string =>
  frame(`${HEAD}[{"index":0,"delta":${delta},"logprobs":null,"finish_reason":null,"token_ids":null}]${more}}`);
export const USAGE = '"usage":{"prompt_tokens":17,"total_tokens":25,"completion_tokens":8,"prompt_tokens_details":{"cached_tokens":4}}';
export const ROLE = chunk('{"role":"assistant","content":""}', ',"prompt_token_ids":null,"prompt_text":null');
export const WORDS = ["Hel", "lo", ' \\"wörld\\"', "\\\\", "!"].map((text) => chunk(`{"content":"${text}"}`));
export const FINISH = frame(
  `${HEAD}[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop","stop_reason":null}],"system_fingerprint":"vllm-0.32.0-7eb44d96"}`,
);
export const USAGE_FRAME = frame(`${HEAD}[],${USAGE},"system_fingerprint":"vllm-0.32.0-7eb44d96"}`);
export const DONE = "data: [DONE]\n\n";
export const BUSY =
  'data: {"error": {"message": "The engine is currently busy.", "type": "Service Unavailable", "param": null, "code": 503}}\n\n';
export const DIED =
  'data: {"error": {"message": "EngineCore encountered an issue. See stack trace (above).", "type": "InternalServerError", "param": null, "code": 500}}\n\n';

/** Everything that comes out of a relay that is fed these pieces and then ended. */
export function drain(stream: StreamRelay, pieces: readonly (string | Buffer)[]): string {
  const out = pieces.map((piece) => stream.push(Buffer.from(piece)));
  out.push(stream.end());
  return Buffer.concat(out.filter((bytes) => bytes !== undefined)).toString();
}

/** The data of every event of a stream as JSON; [DONE] as that text. */
export function events(stream: string): unknown[] {
  return stream
    .split("\n\n")
    .filter((event) => event !== "")
    .map((event): unknown => (event === "data: [DONE]" ? "[DONE]" : JSON.parse(event.slice("data: ".length))));
}

/** The fault that `run` throws. */
export function faultOf(run: () => unknown): Fault {
  try {
    run();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
