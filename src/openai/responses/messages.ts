/** The items of a Responses request as messages of a chat. Texts are copied as they lie in the body, never decoded. */
import type { Slice } from "../../domain/call.ts";
import { joined } from "./bytes.ts";
import type { Content, Item, Part } from "./input.ts";
import { between } from "./tools.ts";

const SYSTEM = '{"role":"system","content":';

/** JSON array of messages. Instructions come first; a string as input is one message of the user's. */
export function chatMessages(body: Buffer, instructions: Slice | undefined, input: Slice | readonly Item[]): Buffer {
  const messages: Buffer[] = [];
  const bytes = (slice: Slice): Buffer => body.subarray(slice.start, slice.end);
  if (instructions !== undefined) messages.push(joined(SYSTEM, bytes(instructions), "}"));
  if ("start" in input) messages.push(joined('{"role":"user","content":', bytes(input), "}"));
  else messages.push(...new Turns(bytes).of(input));
  return joined("[", ...between(messages), "]");
}

type Bytes = (slice: Slice) => Buffer;

/** What an assistant says and the functions that it calls are items of their own, but one message. */
class Turns {
  readonly #bytes: Bytes;
  readonly #messages: Buffer[] = [];
  /** Of the assistant's message that is being put together; undefined: none. */
  #said: Buffer | undefined;
  #calls: Buffer[] = [];

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  of(items: readonly Item[]): readonly Buffer[] {
    for (const item of items) this.#add(item);
    this.#close();
    return this.#messages;
  }

  #add(item: Item): void {
    switch (item.kind) {
      case "message":
        this.#close();
        if (item.role === "assistant") this.#said = this.#content(item.content);
        else this.#messages.push(joined(`{"role":"${item.role}","content":`, this.#content(item.content), "}"));
        return;
      case "call": {
        const called = joined('"function":{"name":', this.#bytes(item.name), ',"arguments":', this.#bytes(item.arguments), "}");
        this.#calls.push(joined('{"id":', this.#bytes(item.id), ',"type":"function",', called, "}"));
        return;
      }
      case "output":
        this.#close();
        this.#messages.push(
          joined('{"role":"tool","tool_call_id":', this.#bytes(item.id), ',"content":', this.#content(item.content), "}"),
        );
        return;
      case "reasoning":
        return;
    }
  }

  #close(): void {
    if (this.#said === undefined && this.#calls.length === 0) return;
    const calls = this.#calls.length === 0 ? [] : [',"tool_calls":[', ...between(this.#calls), "]"];
    this.#messages.push(joined('{"role":"assistant","content":', this.#said ?? "null", ...calls, "}"));
    this.#said = undefined;
    this.#calls = [];
  }

  /** One text goes as a string: there are templates that can read nothing else. */
  #content(content: Content): Buffer {
    if ("start" in content) return this.#bytes(content);
    const [first] = content;
    if (first === undefined) return Buffer.from('""');
    if (content.length === 1 && first.kind === "text") return this.#bytes(first.text);
    return joined("[", ...between(content.map((part) => this.#part(part))), "]");
  }

  #part(part: Part): Buffer {
    switch (part.kind) {
      case "text":
        return joined('{"type":"text","text":', this.#bytes(part.text), "}");
      case "image": {
        const detail = part.detail === undefined ? [] : [',"detail":', this.#bytes(part.detail)];
        return joined('{"type":"image_url","image_url":{"url":', this.#bytes(part.url), ...detail, "}}");
      }
      case "audio":
        return joined('{"type":"input_audio","input_audio":', this.#bytes(part.audio), "}");
    }
  }
}
