/** Turns OpenAI messages into the one text that Triton's generate takes, with the model's own chat template. */
import { Template } from "@huggingface/jinja";
import { BOUNDS } from "../../bounds.ts";
import type { ChatTemplate } from "../../domain/fleet.ts";
import { Fault } from "../../faults.ts";

interface Message {
  readonly role: string;
  readonly content: string;
  readonly name?: string;
}

/** OpenAI's roles as chat templates know them. */
const ROLES: ReadonlyMap<string, string> = new Map([
  ["system", "system"],
  ["developer", "system"],
  ["user", "user"],
  ["assistant", "assistant"],
]);

/** Compiled templates, held as long as the declaration they come from: a reload lets go of the old ones. */
export class TemplateCache {
  readonly #compiled = new WeakMap<ChatTemplate, Template>();

  /** @throws Fault invalid_type, unsupported_parameter, invalid_value, body_too_large */
  render(template: ChatTemplate, messages: unknown): string {
    const read = readMessages(messages);
    const text = this.#run(template, read);
    if (text.length > BOUNDS.bodyBytesMax) throw new Fault("body_too_large");
    // The engine's tokenizer puts its own in front.
    return template.bosToken !== "" && text.startsWith(template.bosToken) ? text.slice(template.bosToken.length) : text;
  }

  #run(template: ChatTemplate, messages: readonly Message[]): string {
    const compiled = this.#compiledFrom(template);
    try {
      return compiled.render({ messages, add_generation_prompt: true, bos_token: template.bosToken, eos_token: template.eosToken });
    } catch {
      // The template's complaint may quote the messages, so nothing of it is kept.
      throw new Fault("invalid_value", {
        text: "The model's chat template does not accept these messages, or not in this order.",
        param: "messages",
      });
    }
  }

  #compiledFrom(template: ChatTemplate): Template {
    const known = this.#compiled.get(template);
    if (known !== undefined) return known;
    const made = compile(template);
    this.#compiled.set(template, made);
    return made;
  }
}

function compile(template: ChatTemplate): Template {
  try {
    return new Template(template.source);
  } catch (cause) {
    throw new Fault("internal", { detail: "a chat template does not compile", cause });
  }
}

function readMessages(messages: unknown): readonly Message[] {
  if (!Array.isArray(messages)) throw wrongType("messages", "an array of objects");
  const list: readonly unknown[] = messages;
  return list.map((message, at) => readMessage(message, `messages[${String(at)}]`));
}

function readMessage(message: unknown, at: string): Message {
  if (!isRecord(message)) throw wrongType(at, "an object");
  const given = message["role"];
  if (typeof given !== "string") throw wrongType(`${at}.role`, "a string");
  const role = ROLES.get(given);
  if (role === undefined) throw unsupported(`${at}.role`);
  for (const name of ["tool_calls", "function_call", "audio"]) if (isGiven(message[name])) throw unsupported(`${at}.${name}`);
  const content = readContent(message["content"], `${at}.content`);
  const name = message["name"];
  return typeof name === "string" ? { role, content, name } : { role, content };
}

function readContent(content: unknown, at: string): string {
  if (typeof content === "string") return content;
  if (content === null || content === undefined) return "";
  if (!Array.isArray(content)) throw wrongType(at, "a string or an array");
  const parts: readonly unknown[] = content;
  return parts.map((part, index) => readPart(part, `${at}[${String(index)}]`)).join("");
}

function readPart(part: unknown, at: string): string {
  if (!isRecord(part)) throw wrongType(at, "an object");
  if (part["type"] !== "text") throw unsupported(`${at}.type`);
  const text = part["text"];
  if (typeof text !== "string") throw wrongType(`${at}.text`, "a string");
  return text;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

export function unsupported(param: string): Fault {
  return new Fault("unsupported_parameter", { text: `This model does not support '${param}' as given.`, param });
}

export function wrongType(param: string, expected: string): Fault {
  return new Fault("invalid_type", { text: `Invalid type for '${param}': expected ${expected}.`, param });
}
