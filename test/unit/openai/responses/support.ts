/** What the tests of this folder share: calls as they are read, answers of a chat, and events taken apart. */
import { isUtf8 } from "node:buffer";
import type { Call, Wire } from "../../../../src/domain/call.ts";
import { StreamRelay } from "../../../../src/openai/chat-stream.ts";
import { readCall } from "../../../../src/openai/read-call.ts";
import { ResponseStream } from "../../../../src/openai/responses/from-chat.ts";
import { toChat } from "../../../../src/openai/responses/to-chat.ts";
import { faultOf } from "../fixtures.ts";
import type { Fault } from "../../../../src/faults.ts";
import { ALIAS, REQUEST } from "../../backends/support.ts";

export { ALIAS, REQUEST };

export function callOf(body: object | string, wire: Wire = "responses"): Call {
  const text = typeof body === "string" ? body : JSON.stringify({ model: ALIAS.name, input: "hi", ...body });
  return readCall(wire, Buffer.from(text), () => ALIAS, { isUtf8 });
}

export const refusedFor = (body: object): Fault => faultOf(() => callOf(body));

/** The chat that a Responses body becomes. */
export const chatOf = (body: object): Record<string, unknown> => JSON.parse(toChat(callOf(body)).body.toString());

export interface Told {
  readonly type: string;
  readonly sequence_number: number;
  readonly [member: string]: unknown;
}

/** Events of a stream; each must be named as its data says. */
export function eventsIn(text: string): readonly Told[] {
  return text
    .split("\n\n")
    .filter((frame) => frame !== "")
    .map((frame) => {
      const [name = "", data = ""] = frame.split("\n");
      const event: Told = JSON.parse(data.replace(/^data: /, ""));
      if (name !== `event: ${event.type}`) throw new Error(`${name} holds ${event.type}`);
      return event;
    });
}

export const frame = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;

/** A chunk of a chat as engines write it. */
export function chunk(
  delta: object,
  more: { readonly finish?: string; readonly logprobs?: unknown; readonly usage?: unknown } = {},
): string {
  const { finish = null, logprobs = null, usage } = more;
  const choice = { index: 0, delta, logprobs, finish_reason: finish };
  return frame({
    id: "x",
    object: "chat.completion.chunk",
    created: 1,
    model: "tiny",
    choices: [choice],
    ...(usage === undefined ? {} : { usage }),
  });
}

export const usageChunk = (usage: object): string =>
  frame({ id: "x", object: "chat.completion.chunk", created: 1, model: "tiny", choices: [], usage });

export const DONE = "data: [DONE]\n\n";

/** A chat's stream told as a Response, fed in these pieces. */
export function told(pieces: readonly (string | Buffer)[], body: object = {}): { readonly text: string; readonly stream: ResponseStream } {
  const call = callOf({ stream: true, ...body });
  const chat = new StreamRelay(toChat(call), REQUEST, "tiny-llama");
  const stream = new ResponseStream({ call, request: REQUEST, chat });
  stream.head(200, { "content-type": "text/event-stream" });
  const out = pieces.map((piece) => stream.push(Buffer.from(piece)));
  out.push(stream.end());
  return { text: Buffer.concat(out.filter((bytes) => bytes !== undefined)).toString(), stream };
}
