/** Reads POST /v1/chat/completions: messages become the prompt that the engine sees. */
import { type Directives, readDirectives } from "../directives.ts";
import type { Knobs } from "../faults.ts";
import { encode } from "../tokens.ts";
import { type Fields, isRecord } from "./fields.ts";
import type { Vllm } from "./options.ts";
import { badRequest, invalid } from "./refusal.ts";
import { readSampling, type Sampling, tokensMax } from "./sampling.ts";
import { chooseTool, forcedText, type ToolCall } from "./tools.ts";

export interface ChatRequest {
  readonly sampling: Sampling;
  /** Template and all. */
  readonly prompt: string;
  readonly promptIds: readonly number[];
  readonly directives: Directives;
  readonly knobs: Knobs;
  readonly tokensMax: number;
  /** top_logprobs; undefined: no log probabilities. */
  readonly top: number | undefined;
  readonly call: ToolCall | undefined;
  readonly forced: string | undefined;
}

/** @throws Refusal */
export function readChat(vllm: Vllm, fields: Fields): ChatRequest {
  const messages = readMessages(vllm, fields);
  const sampling = readSampling(vllm, fields);
  const top = readTop(fields);
  const directives = readDirectives(messages.at(-1)?.text ?? "");
  const call = chooseTool(vllm, fields, { directives, lastRole: messages.at(-1)?.role ?? "" });
  const prompt = render(messages, fields.any("tools"));
  const promptIds = encode(prompt);
  return {
    sampling,
    prompt,
    promptIds,
    directives,
    knobs: { ...vllm.knobs(), ...directives.fail },
    tokensMax: tokensMax(vllm, fields.integer("max_completion_tokens") ?? fields.integer("max_tokens"), promptIds.length),
    top,
    call,
    forced: call?.written ?? forcedText(fields),
  };
}

interface Message {
  readonly role: string;
  readonly text: string;
}

/** Also for /tokenize. @throws Refusal */
export function readMessages(vllm: Vllm, fields: Fields): readonly Message[] {
  const list = fields.list("messages");
  if (list === undefined) throw fields.missing("messages");
  if (list.length === 0) throw badRequest("Cannot apply chat template to an empty conversation. Provide at least one message.");
  return list.map((message, index) => {
    if (isRecord(message) && typeof message["role"] === "string") return { role: message["role"], text: contentOf(vllm, message) };
    throw invalid({ type: "missing", loc: `body.messages.${index}.role`, msg: "Field required", input: "<dict>" });
  });
}

function contentOf(vllm: Vllm, message: Readonly<Record<string, unknown>>): string {
  const { content } = message;
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part: unknown) => {
      if (isRecord(part) && typeof part["text"] === "string") return part["text"];
      throw badRequest(`${vllm.options.models[0]} is not a multimodal model`);
    })
    .join("\n");
}

/** ChatML, as the recorded engine's model has it. */
export function render(messages: readonly Message[], tools: unknown): string {
  const offered = Array.isArray(tools) && tools.length > 0 ? `<|im_start|>system\n${JSON.stringify(tools)}<|im_end|>\n` : "";
  const turns = messages.map(({ role, text }) => `<|im_start|>${role}\n${text}<|im_end|>\n`);
  return `${offered}${turns.join("")}<|im_start|>assistant\n`;
}

const TOP_LOGPROBS_MAX = 20;

function readTop(fields: Fields): number | undefined {
  const wanted = fields.boolean("logprobs") ?? false;
  const top = fields.integer("top_logprobs");
  if (top !== undefined && top > 0 && !wanted) {
    throw badRequest("when using `top_logprobs`, `logprobs` must be set to true. (parameter=top_logprobs)", "top_logprobs");
  }
  if (top !== undefined && top > TOP_LOGPROBS_MAX) {
    const message = `Requested sample logprobs of ${top}, which is greater than max allowed: ${TOP_LOGPROBS_MAX}`;
    throw badRequest(`${message} (parameter=logprobs, value=${top})`, "logprobs");
  }
  return wanted ? (top ?? 0) : undefined;
}
