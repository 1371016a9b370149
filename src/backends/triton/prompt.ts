/** Turns OpenAI messages into the one text that Triton's generate takes, with the model's own chat template. */
import { Template } from "@huggingface/jinja";
import { BOUNDS } from "../../bounds.ts";
import type { ChatTemplate, ServedModel, ToolFormat } from "../../domain/fleet.ts";
import { Fault } from "../../faults.ts";
import { type Members, unsupported } from "./body.ts";
import { readMessages, type Tool } from "./messages.ts";
import { SpecialTokens } from "./special-tokens.ts";

/** What a template gives away of how its model calls tools. First match stands. */
const TOOL_MARKS: readonly (readonly [mark: string, format: ToolFormat])[] = [
  ["<tool_call>", "hermes"],
  ["[TOOL_CALLS]", "mistral"],
  ["<|python_tag|>", "llama3"],
];

interface Compiled {
  readonly plain: Template;
  readonly withTools: Template;
  /** Whether tools can be shown to the model at all. */
  readonly tools: boolean;
  readonly special: SpecialTokens;
}

export interface Conversation {
  readonly messages: unknown;
  /** Those that the model is shown; none: it is not told of tools. */
  readonly tools: readonly Tool[];
  /** More variables of the template (`chat_template_kwargs`). */
  readonly variables: Members;
}

/** Compiled templates, held as long as the declaration they come from: a reload lets go of the old ones. */
export class TemplateCache {
  readonly #compiled = new WeakMap<ChatTemplate, Compiled>();

  /** @throws Fault invalid_type, unsupported_parameter, invalid_value, body_too_large */
  render({ triton }: ServedModel, template: ChatTemplate, conversation: Conversation): string {
    const compiled = this.#compiledFrom(template, triton?.specialTokens ?? []);
    if (conversation.tools.length > 0 && !compiled.tools) throw unsupported("tools");
    const text = run(compiled, template, conversation);
    if (text.length > BOUNDS.bodyBytesMax) throw new Fault("body_too_large");
    const doubled = triton?.addsBos !== false && template.bosToken !== "" && text.startsWith(template.bosToken);
    return doubled ? text.slice(template.bosToken.length) : text;
  }

  #compiledFrom(template: ChatTemplate, specialTokens: readonly string[]): Compiled {
    const known = this.#compiled.get(template);
    if (known !== undefined) return known;
    const toolSource = template.toolSource ?? template.source;
    const plain = compile(template.source);
    const made = {
      plain,
      withTools: toolSource === template.source ? plain : compile(toolSource),
      tools: /\btools\b/.test(toolSource),
      special: new SpecialTokens(template, specialTokens),
    };
    this.#compiled.set(template, made);
    return made;
  }
}

function run(
  { plain, withTools, tools: able, special }: Compiled,
  { bosToken, eosToken }: ChatTemplate,
  conversation: Conversation,
): string {
  const tools = conversation.tools.map(({ described }) => special.openedIn(described));
  const told = readMessages(conversation.messages, able);
  const messages = told.map((message) => special.openedIn(message));
  const history = told.some(({ role, tool_calls: calls }) => role === "tool" || calls !== undefined);
  try {
    return (tools.length > 0 || history ? withTools : plain).render({
      ...special.openedIn(conversation.variables),
      messages,
      ...(tools.length > 0 ? { tools } : {}),
      add_generation_prompt: true,
      bos_token: bosToken,
      eos_token: eosToken,
    });
  } catch {
    // The template's complaint may quote the messages, so nothing of it is kept.
    throw new Fault("invalid_value", {
      text: "The model's chat template does not accept these messages, or not in this order.",
      param: "messages",
    });
  }
}

function compile(source: string): Template {
  try {
    return new Template(source);
  } catch (cause) {
    throw new Fault("internal", { detail: "a chat template does not compile", cause });
  }
}

/** How the model will write its calls: as declared, else as its template shows; undefined: nobody knows. */
export function toolFormatOf({ chatTemplate, triton }: ServedModel): ToolFormat | undefined {
  if (triton?.toolFormat !== undefined) return triton.toolFormat;
  const source = chatTemplate?.toolSource ?? chatTemplate?.source ?? "";
  return TOOL_MARKS.find(([mark]) => source.includes(mark))?.[1];
}
