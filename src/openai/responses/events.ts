/**
 * Writes the events of one streamed Response, in OpenAI's order and numbered from 0. What an item holds is kept as it goes by, since its end
 * says all of it once more.
 */
import { BOUNDS } from "../../bounds.ts";
import type { Slice } from "../../domain/call.ts";
import { Fault } from "../../faults.ts";
import { Growing, joined } from "./bytes.ts";
import type { TextKind } from "./chat-chunk.ts";
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
import { failedEvent, type Outcome, type ResponseObject } from "./response.ts";

type PartKind = TextKind | "call";

/** What the events of each kind of text are called, and what its last one calls the text. */
const NAMES = {
  content: { event: "response.output_text", text: "text", item: "message" },
  refusal: { event: "response.refusal", text: "refusal", item: "message" },
  reasoning: { event: "response.reasoning_text", text: "text", item: "reasoning" },
  call: { event: "response.function_call_arguments", text: "arguments", item: "call" },
} as const satisfies Record<PartKind, object>;

/** An item whose end has not come. */
interface OpenItem {
  readonly kind: "message" | "reasoning" | "call";
  readonly id: string;
  /** JSON of the parts that have ended. */
  readonly parts: Buffer[];
  readonly names: CallNames | undefined;
}

/** The text that grows now. */
interface OpenPart {
  readonly kind: PartKind;
  /** A delta up to its text: the same for all of this part. */
  readonly lead: Buffer;
  /** With its opening quote. */
  readonly text: Growing;
  logprobs: Growing | undefined;
}

const QUOTE = Buffer.from('"');
const NO_LOGPROBS = Buffer.from(',"logprobs":[]');
const LOGPROBS = Buffer.from(',"logprobs":');
const SEQUENCE = Buffer.from(',"sequence_number":');
const EVENT_END = Buffer.from("}\n\n");

export class ResponseEvents {
  readonly #response: ResponseObject;
  readonly #request: string;
  readonly #out = new Growing();
  /** JSON of the items that have ended. */
  readonly #items: Buffer[] = [];
  #sequence = 0;
  #keptBytes = 0;
  #item: OpenItem | undefined;
  #part: OpenPart | undefined;

  constructor(response: ResponseObject, request: string) {
    this.#response = response;
    this.#request = request;
  }

  /** Events written since the last time. */
  take(): Buffer | undefined {
    return this.#out.take();
  }

  begin(): void {
    const object = this.#response.at({ status: "in_progress", output: [], usage: undefined });
    this.#event("response.created", '"response":', object);
    this.#event("response.in_progress", '"response":', object);
  }

  /** More of a text: the range holds a JSON string, of which nothing is decoded. @throws Fault engine_failed when there is too much of it */
  text(kind: TextKind, bytes: Buffer, { start, end }: Slice, logprobs?: Slice): void {
    if (this.#part?.kind !== kind) this.#openText(kind);
    this.#delta(bytes, start, end, kind === "content" ? logprobs : undefined);
  }

  /** A call begins; the one before it is over. */
  beginCall(names: CallNames): void {
    this.#close("completed");
    const item = this.#openItem("call", names);
    this.#openPart("call", item);
  }

  /** More of the arguments of the call that began last. @throws Fault engine_failed as text() */
  moreArguments(bytes: Buffer, { start, end }: Slice): void {
    if (this.#part?.kind !== "call") throw new Fault("engine_failed", { detail: "arguments without a call" });
    this.#delta(bytes, start, end, undefined);
  }

  /** The last event. A Response without any item has an empty message, as clients expect one. */
  end(outcome: Pick<Outcome, "usage" | "incomplete">): void {
    if (this.#item === undefined && this.#items.length === 0) this.#openText("content");
    this.#close(outcome.incomplete === undefined ? "completed" : "incomplete");
    const status = outcome.incomplete === undefined ? "completed" : "incomplete";
    this.#event(`response.${status}`, '"response":', this.#response.at({ status, output: this.#items, ...outcome }));
  }

  /** The last event of a stream that broke off. */
  failed(fault: Fault): Buffer {
    if (this.#part !== undefined) this.#item?.parts.push(this.#partJson(this.#part, this.#textOf(this.#part)));
    const open = this.#item === undefined ? [] : [this.#itemJson(this.#item, "incomplete")];
    return failedEvent(this.#response, this.#sequence, { output: [...this.#items, ...open], fault });
  }

  #openText(kind: TextKind): void {
    const wanted = NAMES[kind].item;
    if (this.#item?.kind === wanted) this.#closePart();
    else this.#close("completed");
    this.#openPart(kind, this.#item ?? this.#openItem(wanted, undefined));
  }

  #openItem(kind: OpenItem["kind"], names: CallNames | undefined): OpenItem {
    const item = { kind, id: itemId(kind, this.#request, this.#items.length), parts: [], names };
    this.#item = item;
    this.#event("response.output_item.added", this.#index, ',"item":', this.#itemJson(item, "in_progress"));
    return item;
  }

  #openPart(kind: PartKind, item: OpenItem): void {
    const { event } = NAMES[kind];
    const place = this.#place(kind, item);
    const lead = joined(`event: ${event}.delta\ndata: {"type":"${event}.delta",${place},"delta":`);
    const part: OpenPart = { kind, lead, text: new Growing(), logprobs: undefined };
    part.text.copy(QUOTE);
    this.#part = part;
    if (kind !== "call") this.#event("response.content_part.added", place, ',"part":', this.#partJson(part, Buffer.from('""')));
  }

  #delta(bytes: Buffer, start: number, end: number, logprobs: Slice | undefined): void {
    const part = this.#part;
    if (part === undefined) return;
    const out = this.#out;
    out.copy(part.lead);
    out.copy(bytes, start, end);
    if (logprobs !== undefined) {
      out.copy(LOGPROBS);
      out.copy(bytes, logprobs.start, logprobs.end);
      this.#keep((part.logprobs ??= new Growing()), bytes, logprobs);
    } else if (part.kind === "content") out.copy(NO_LOGPROBS);
    out.copy(SEQUENCE);
    out.number(this.#sequence++);
    out.copy(EVENT_END);
    this.#keep(part.text, bytes, { start, end });
  }

  /** Without the first and the last byte: quotes of a string, brackets of an array. */
  #keep(store: Growing, bytes: Buffer, { start, end }: Slice): void {
    this.#keptBytes += end - start;
    if (this.#keptBytes > BOUNDS.responseOutputBytesMax)
      throw new Fault("engine_failed", { detail: "more output than responseOutputBytesMax" });
    if (bytes[start] === 0x5b && store.length > 0) store.text(",");
    store.copy(bytes, start + 1, end - 1);
  }

  #close(status: ItemStatus): void {
    const item = this.#item;
    if (item === undefined) return;
    this.#closePart();
    const json = this.#itemJson(item, status);
    this.#event("response.output_item.done", this.#index, ',"item":', json);
    this.#items.push(json);
    this.#item = undefined;
  }

  #closePart(): void {
    const [part, item] = [this.#part, this.#item];
    if (part === undefined || item === undefined) return;
    const { event, text } = NAMES[part.kind];
    const place = this.#place(part.kind, item);
    const whole = this.#textOf(part);
    const json = this.#partJson(part, whole);
    const more =
      part.kind === "content" ? [',"logprobs":', logprobsOf(part)] : item.names === undefined ? [] : [',"name":', item.names.name];
    this.#event(`${event}.done`, place, `,"${text}":`, whole, ...more);
    if (part.kind !== "call") this.#event("response.content_part.done", place, ',"part":', json);
    item.parts.push(json);
    this.#part = undefined;
  }

  #textOf(part: OpenPart): Buffer {
    return joined(part.text.bytes, QUOTE);
  }

  /** Of a call it is the text alone. */
  #partJson(part: OpenPart, text: Buffer): Buffer {
    if (part.kind === "call") return text;
    if (part.kind === "content") return textPart(text, logprobsOf(part));
    return part.kind === "refusal" ? refusalPart(text) : reasoningPart(text);
  }

  #itemJson({ kind, id, parts, names }: OpenItem, status: ItemStatus): Buffer {
    if (names !== undefined) return callItem(id, status, { ...names, args: parts[0] ?? Buffer.from('""') });
    return kind === "reasoning" ? reasoningItem(id, status, parts) : messageItem(id, status, parts);
  }

  get #index(): string {
    return `"output_index":${this.#items.length}`;
  }

  #place(kind: PartKind, item: OpenItem): string {
    const place = `"item_id":"${item.id}",${this.#index}`;
    return kind === "call" ? place : `${place},"content_index":${item.parts.length}`;
  }

  #event(type: string, ...members: readonly (string | Buffer)[]): void {
    this.#out.text(`event: ${type}\ndata: {"type":"${type}",`);
    for (const member of members) {
      if (typeof member === "string") this.#out.text(member);
      else this.#out.copy(member);
    }
    this.#out.copy(SEQUENCE);
    this.#out.number(this.#sequence++);
    this.#out.copy(EVENT_END);
  }
}

function logprobsOf(part: OpenPart): Buffer {
  return part.logprobs === undefined ? Buffer.from("[]") : joined("[", part.logprobs.bytes, "]");
}
