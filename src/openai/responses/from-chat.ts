/** An engine's chat, told as a Response: what the engine's own reply passes on goes through once more, event by event or as a whole. */
import type { Call, Slice } from "../../domain/call.ts";
import type { RequestId } from "../../domain/ids.ts";
import { Fault } from "../../faults.ts";
import type { Failure, Reply } from "../../ports.ts";
import { readNumber, readString } from "../json-scan.ts";
import { BYTE, skipSpace } from "../json-skip.ts";
import { jsonString } from "../splice.ts";
import { FrameReader } from "../sse-frames.ts";
import { ChatChunk, type CallFragment } from "./chat-chunk.ts";
import { ResponseEvents } from "./events.ts";
import {
  callItem,
  itemId,
  messageItem,
  reasoningItem,
  reasoningPart,
  refusalPart,
  textPart,
  type CallNames,
  type ItemStatus,
} from "./items.ts";
import { ResponseObject, type Outcome } from "./response.ts";
import { FailureInWords, inResponsesWords } from "./words.ts";
import { responseUsage } from "./usage.ts";

type Headers = Readonly<Record<string, string | string[] | undefined>>;
type Incomplete = Outcome["incomplete"];

/** `call` is the one that the caller made; `chat` reads the engine's answer to the other. */
export interface Told {
  readonly call: Call;
  readonly request: RequestId;
  readonly chat: Reply;
}

export class ResponseStream implements Reply {
  readonly #chat: Reply;
  readonly #call: Call;
  readonly #request: RequestId;
  readonly #reader = new FrameReader();
  readonly #chunk = new ChatChunk();
  readonly #events: ResponseEvents;
  readonly #words = new FailureInWords();
  #begun = false;
  #done = false;
  #incomplete: Incomplete;
  #usage: Buffer | undefined;
  /** The call that is being made: its index and id as the engine has them. */
  #calling: { readonly index: number | undefined; readonly id: string | undefined } | undefined;
  #calls = 0;

  constructor({ call, request, chat }: Told) {
    this.#chat = chat;
    this.#call = call;
    this.#request = request;
    this.#events = new ResponseEvents(new ResponseObject(call, request), request);
  }

  get observed(): Reply["observed"] {
    return this.#chat.observed;
  }

  get failure(): Failure | undefined {
    return this.#words.of(this.#chat);
  }

  get done(): boolean {
    return this.#done;
  }

  head(status: number, headers: Headers): void {
    this.#chat.head(status, headers);
  }

  push(chunk: Buffer): Buffer | undefined {
    const bytes = this.#chat.push(chunk);
    return bytes === undefined ? undefined : this.#tell(bytes);
  }

  end(): Buffer | undefined {
    const bytes = this.#chat.end();
    return bytes === undefined ? undefined : this.#tell(bytes);
  }

  brokenOff(fault: Fault): Buffer {
    return this.#events.failed(inResponsesWords(fault));
  }

  #tell(bytes: Buffer): Buffer | undefined {
    const reader = this.#reader;
    reader.feed(bytes);
    while (!this.#done && reader.next()) this.#frame(reader.bytes, reader.start, reader.end);
    return this.#events.take();
  }

  /** The chat's reply writes one data line to a frame and nothing else. */
  #frame(bytes: Buffer, start: number, end: number): void {
    const json = skipSpace(bytes, start + "data:".length);
    if (!this.#begun) this.#events.begin();
    this.#begun = true;
    if (bytes[json] === BYTE.bracket) return this.#finish();
    const chunk = this.#chunk;
    chunk.read(bytes, json, end);
    for (let at = 0; at < chunk.texts.length; at++) {
      const [kind, text] = [chunk.kinds[at], chunk.texts[at]];
      if (kind !== undefined && text !== undefined) this.#events.text(kind, bytes, text, chunk.logprobs);
    }
    for (const call of chunk.calls) this.#callFragment(bytes, call);
    if (chunk.finish !== undefined) this.#incomplete = incompleteFor(bytes, chunk.finish);
    if (chunk.usage !== undefined) this.#usage = responseUsage(this.#call, this.observed, { bytes, usage: chunk.usage });
  }

  #callFragment(bytes: Buffer, call: CallFragment): void {
    const index = readNumber(bytes, call.index);
    const id = call.id === undefined ? undefined : readString(bytes, call.id);
    const known = this.#calling;
    // There are engines that number every call 0, and others that repeat the id in every fragment.
    if (known === undefined || known.index !== index || (id !== undefined && id !== known.id)) {
      if (call.name === undefined)
        throw new Fault("engine_failed", { detail: "a tool call without a name, or one that went on after its end" });
      this.#events.beginCall(namesOf(bytes, call, `call_${this.#request}${this.#calls++}`));
      this.#calling = { index, id };
    }
    if (call.arguments !== undefined && call.arguments.end - call.arguments.start > 2) this.#events.moreArguments(bytes, call.arguments);
  }

  #finish(): void {
    this.#done = true;
    this.#events.end({ usage: this.#usage ?? responseUsage(this.#call, this.observed, undefined), incomplete: this.#incomplete });
  }
}

export class ResponseAnswer implements Reply {
  readonly #told: Told;
  readonly #words = new FailureInWords();

  constructor(told: Told) {
    this.#told = told;
  }

  get observed(): Reply["observed"] {
    return this.#told.chat.observed;
  }

  get failure(): Failure | undefined {
    return this.#words.of(this.#told.chat);
  }

  get done(): boolean {
    return this.#told.chat.done ?? false;
  }

  head(status: number, headers: Headers): void {
    this.#told.chat.head(status, headers);
  }

  push(chunk: Buffer): Buffer | undefined {
    return this.#tell(this.#told.chat.push(chunk));
  }

  end(): Buffer | undefined {
    return this.#tell(this.#told.chat.end());
  }

  /** A whole answer comes out of its reply in one piece. */
  #tell(bytes: Buffer | undefined): Buffer | undefined {
    if (bytes === undefined) return undefined;
    const { call, request } = this.#told;
    const chunk = new ChatChunk();
    chunk.read(bytes, 0, bytes.length);
    const incomplete = chunk.finish === undefined ? undefined : incompleteFor(bytes, chunk.finish);
    const usage = responseUsage(call, this.observed, chunk.usage === undefined ? undefined : { bytes, usage: chunk.usage });
    const output = outputOf(bytes, chunk, { request, status: incomplete === undefined ? "completed" : "incomplete" });
    return new ResponseObject(call, request).at({
      status: incomplete === undefined ? "completed" : "incomplete",
      output,
      usage,
      incomplete,
    });
  }
}

/** Thoughts, then words, then calls: the order in which they came. */
function outputOf(
  bytes: Buffer,
  chunk: ChatChunk,
  { request, status }: { readonly request: RequestId; readonly status: ItemStatus },
): readonly Buffer[] {
  const items: Buffer[] = [];
  const thoughts: Buffer[] = [];
  const said: Buffer[] = [];
  for (const [at, kind] of chunk.kinds.entries()) {
    const text = at in chunk.texts ? cut(bytes, chunk.texts[at]) : undefined;
    if (text === undefined) continue;
    if (kind === "reasoning") thoughts.push(reasoningPart(text));
    else said.push(kind === "refusal" ? refusalPart(text) : textPart(text, cut(bytes, chunk.logprobs)));
  }
  if (thoughts.length > 0) items.push(reasoningItem(itemId("reasoning", request, 0), "completed", thoughts));
  if (said.length === 0 && chunk.calls.length === 0) said.push(textPart(Buffer.from('""'), undefined));
  if (said.length > 0) items.push(messageItem(itemId("message", request, items.length), status, said));
  for (const [at, call] of chunk.calls.entries()) {
    const names = namesOf(bytes, call, `call_${request}${at}`);
    items.push(
      callItem(itemId("call", request, items.length), status, { ...names, args: cut(bytes, call.arguments) ?? Buffer.from('"{}"') }),
    );
  }
  return items;
}

function namesOf(bytes: Buffer, call: CallFragment, fallbackId: string): CallNames {
  const hasId = call.id !== undefined && call.id.end - call.id.start > 2;
  // The bytes are the network's: what is kept of them is copied.
  return {
    callId: (hasId ? cut(bytes, call.id) : undefined) ?? jsonString(fallbackId),
    name: Buffer.from(cut(bytes, call.name) ?? '""'),
  };
}

function cut(bytes: Buffer, slice: Slice | undefined): Buffer | undefined {
  return slice === undefined ? undefined : Buffer.from(bytes.subarray(slice.start, slice.end));
}

function incompleteFor(bytes: Buffer, finish: Slice): Incomplete {
  const reason = readString(bytes, finish);
  return reason === "length" ? "max_output_tokens" : reason === "content_filter" ? "content_filter" : undefined;
}
