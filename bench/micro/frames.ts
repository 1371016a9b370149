/** How long a streamed frame takes to be relayed, amortized over the reads that bring it. Run: node bench/micro/frames.ts */
import { modelId, requestId } from "../../src/domain/ids.ts";
import type { Call } from "../../src/domain/call.ts";
import { StreamRelay } from "../../src/openai/chat-stream.ts";
import { report } from "./report.ts";

const REQUEST = requestId("0".repeat(32));

function relay(aliasName: string): StreamRelay {
  const call: Call = {
    capability: "chat",
    body: Buffer.from("{}"),
    fields: new Map(),
    closeAt: 1,
    alias: {
      name: aliasName,
      model: modelId("m"),
      ownedBy: "bench",
      price: { inputMicroPerMillion: 1, cachedInputMicroPerMillion: 1, outputMicroPerMillion: 1 },
      createdAtS: 0,
    },
    stream: true,
    includeUsage: false,
    promptTokensEstimate: 1,
    promptTokensMax: 1,
    completionTokensAsked: undefined,
    choices: 1,
  };
  const stream = new StreamRelay(call, REQUEST, "tiny-llama");
  stream.head(200, { "content-type": "text/event-stream; charset=utf-8" });
  return stream;
}

const frame = (id: string, usage: string): string =>
  `data: {"id":"${id}","object":"chat.completion.chunk","created":1795354928,"model":"tiny-llama","choices":[{"index":0,"delta":{"content":" White"},"logprobs":null,"finish_reason":null,"token_ids":null}]${usage}}\n\n`;
const USAGE = ',"usage":{"prompt_tokens":17,"total_tokens":18,"completion_tokens":1,"completion_tokens_details":null}';
const OURS = `chatcmpl-${REQUEST}`;

for (const [name, text, aliasName] of [
  ["model and id rewritten", frame("chatcmpl-bf771277a5585fef", ""), "north-1"],
  ["nothing to change (zero copy)", frame(OURS, ""), "tiny-llama"],
  ["usage forced into every frame", frame("chatcmpl-bf771277a5585fef", USAGE), "north-1"],
] as const) {
  const frames = Math.floor(16_384 / text.length);
  const chunk = Buffer.from(text.repeat(frames));
  const one = Buffer.from(text);
  const wide = relay(aliasName);
  const narrow = relay(aliasName);
  report(`${name}: per ${text.length} B frame in 16 kB reads`, () => wide.push(chunk), frames);
  report(`${name}: one frame per read`, () => narrow.push(one));
  if (wide.failure !== undefined || narrow.failure !== undefined) throw new Error("the relay failed");
}
