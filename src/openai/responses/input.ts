/** Reads the items of a Responses request's input: a closed list, since what nobody here understands nobody has checked. */
import type { Slice } from "../../domain/call.ts";
import { Fault } from "../../faults.ts";
import { elements, isGiven, readString, scanObject, type Member, type Scanned } from "../json-scan.ts";
import { BYTE } from "../json-skip.ts";
import { carriesMedia } from "../media.ts";

/** A part of a content, as ranges of the body. */
export type Part =
  | { readonly kind: "text"; readonly text: Slice }
  | { readonly kind: "image"; readonly url: Slice; readonly detail: Slice | undefined }
  | { readonly kind: "audio"; readonly audio: Slice };

/** A JSON string, or parts. */
export type Content = Slice | readonly Part[];

export type Role = "user" | "assistant" | "system";

export type Item =
  | { readonly kind: "message"; readonly role: Role; readonly content: Content }
  | { readonly kind: "call"; readonly id: Slice; readonly name: Slice; readonly arguments: Slice }
  | { readonly kind: "output"; readonly id: Slice; readonly content: Content }
  /** What the model thought earlier; engines make nothing of it. */
  | { readonly kind: "reasoning" };

type Fields = Scanned["fields"];

/** Engines' templates know no developer. */
const ROLES: ReadonlyMap<string | undefined, Role> = new Map([
  ["user", "user"],
  ["assistant", "assistant"],
  ["system", "system"],
  ["developer", "system"],
]);

export class InputReader {
  /** Parts that carry media, so far. */
  media = 0;
  readonly #body: Buffer;

  constructor(body: Buffer) {
    this.#body = body;
  }

  /** The items of the array at `input`. @throws Fault invalid_value, invalid_type, missing_parameter, unsupported_parameter */
  read(input: Slice): readonly Item[] {
    return elements(this.#body, input).map((item, at) => this.#item(item, `input[${at}]`));
  }

  #item(item: Member, path: string): Item {
    if (this.#body[item.start] !== BYTE.brace) throw wrongType(path, "an object");
    const { fields } = scanObject(this.#body, item);
    const type = this.#string(fields, "type");
    switch (type) {
      case undefined:
      case "message":
        return this.#message(fields, path);
      case "function_call":
        return {
          kind: "call",
          id: this.#needed(fields, "call_id", path),
          name: this.#needed(fields, "name", path),
          arguments: this.#needed(fields, "arguments", path),
        };
      case "function_call_output":
        return { kind: "output", id: this.#needed(fields, "call_id", path), content: this.#content(fields, "output", path) };
      case "reasoning":
        return { kind: "reasoning" };
      case "item_reference":
        throw unsupported(
          `${path}.type`,
          "Items are not stored here: send the item itself instead of a reference to it, as clients do that are told `store: false`.",
        );
      default:
        throw unsupported(
          `${path}.type`,
          "Items are messages, function_call, function_call_output and reasoning: no other tools are run here.",
        );
    }
  }

  #message(fields: Fields, path: string): Item {
    const role = ROLES.get(this.#string(fields, "role"));
    if (role === undefined) {
      if (!isGiven(this.#body, fields.get("role"))) throw missing(`${path}.role`);
      throw invalid(`${path}.role`, "Supported values are: 'user', 'assistant', 'system', and 'developer'.");
    }
    return { kind: "message", role, content: this.#content(fields, "content", path) };
  }

  #content(fields: Fields, name: string, path: string): Content {
    const content = fields.get(name);
    const where = `${path}.${name}`;
    if (!isGiven(this.#body, content)) throw missing(where);
    if (this.#body[content.start] === BYTE.quote) return content;
    if (this.#body[content.start] !== BYTE.bracket) throw wrongType(where, "a string or an array");
    return elements(this.#body, content).map((part, at) => this.#part(part, `${where}[${at}]`));
  }

  #part(part: Member, path: string): Part {
    if (this.#body[part.start] !== BYTE.brace) throw wrongType(path, "an object");
    const { fields } = scanObject(this.#body, part);
    // Whatever its type says: engines look at names.
    if (carriesMedia(this.#body, part, path)) this.media++;
    switch (this.#string(fields, "type")) {
      case "input_text":
      case "output_text":
        return { kind: "text", text: this.#needed(fields, "text", path) };
      case "refusal":
        return { kind: "text", text: this.#needed(fields, "refusal", path) };
      case "input_image":
        return this.#image(fields, path);
      case "input_audio":
        return this.#audio(fields, path);
      case "input_file":
        throw unsupported(`${path}.type`, "Files are not read here: send their text as input_text, or their pages as input_image.");
      default:
        throw invalid(`${path}.type`, "Supported values are: 'input_text', 'input_image', 'input_audio', 'output_text', and 'refusal'.");
    }
  }

  #image(fields: Fields, path: string): Part {
    if (isGiven(this.#body, fields.get("file_id")))
      throw unsupported(`${path}.file_id`, "Files are not stored here: send the image as a data: URL in 'image_url'.");
    const detail = fields.get("detail");
    return { kind: "image", url: this.#needed(fields, "image_url", path), detail: isGiven(this.#body, detail) ? detail : undefined };
  }

  #audio(fields: Fields, path: string): Part {
    const audio = fields.get("input_audio");
    if (!isGiven(this.#body, audio) || this.#body[audio.start] !== BYTE.brace) throw missing(`${path}.input_audio`);
    return { kind: "audio", audio };
  }

  #string(fields: Fields, name: string): string | undefined {
    const member = fields.get(name);
    return member === undefined ? undefined : readString(this.#body, member);
  }

  /** A member that must be there, and a string. */
  #needed(fields: Fields, name: string, path: string): Slice {
    const member = fields.get(name);
    if (!isGiven(this.#body, member)) throw missing(`${path}.${name}`);
    if (this.#body[member.start] !== BYTE.quote) throw wrongType(`${path}.${name}`, "a string");
    return member;
  }
}

function missing(param: string): Fault {
  return new Fault("missing_parameter", { text: `Missing required parameter: '${param}'.`, param });
}

function wrongType(param: string, expected: string): Fault {
  return new Fault("invalid_type", { text: `Invalid type for '${param}': expected ${expected}.`, param });
}

function invalid(param: string, supported: string): Fault {
  return new Fault("invalid_value", { text: `Invalid value for '${param}'. ${supported}`, param });
}

function unsupported(param: string, instead: string): Fault {
  return new Fault("unsupported_parameter", { text: `Unsupported value at '${param}'. ${instead}`, param });
}
