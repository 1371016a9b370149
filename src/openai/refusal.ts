/** What a caller may read of an engine's refusal: its reason, and nothing that names the engine, its files, its hosts or its models. */
import { Fault, FAULTS } from "../faults.ts";
import type { EngineMessage } from "./engine-message.ts";

/** The names that one call goes by on either side. */
export interface Names {
  /** What the engine calls the model; must not reach the caller. */
  readonly servedName: string;
  /** What the caller calls it. */
  readonly aliasName: string;
  /** The parameter that carries the prompt: messages, prompt or input. */
  readonly promptParam: string;
}

const TEXT_CHARS_MAX = 500;
const CONTEXT_LENGTH =
  /context (length|window|size)|maximum (input|model) length|input is too long|prompt is too long|inputs? tokens? \+ |max_model_len/i;

/** Engines put a position between dots, and behind it the type of theirs that did not fit: `messages.0.TheirMessage.role`. */
const ARRAY_INDEX = /\.(\d+)(?=\.|$)/g;
const ENGINE_TYPE = /\.[A-Z]\w*(?=\.|$)/g;

/** An engine started without a tool parser tells its operator which flags to set. */
const NO_TOOLS = /--(enable-auto-tool-choice|tool-call-parser)/;

/** A text that matches any of these is not shown: engine and library names, tracebacks, files, addresses, keys. */
const REVEALING: readonly RegExp[] = [
  /\b(v?llm|sglang|triton\w*|tgi|tensorrt\w*|trt[\w-]*|llama\.?cpp|ggml\w*|ollama|torch|pytorch|cuda\w*|nccl|hugging ?face|transformers|pydantic|fastapi|starlette|uvicorn|xgrammar|engine ?core\w*)\b/i,
  /traceback|stack trace|\bexception\b|\bfile "|\w+Error\b/i,
  /[a-z][a-z0-9+.-]*:\/\/|\b\d{1,3}(\.\d{1,3}){3}\b|\blocalhost\b/i,
  /(^|[\s"'`(=])([a-z]:)?[/\\][\w.-]+[/\\][\w./\\-]*|\.(py|cpp|cu|gguf|safetensors)\b/i,
  /\b0x[0-9a-f]{6,}\b|\bobject at\b/i,
  /\bbearer\s|\bsk-[\w*-]{4}/i,
  /(^|[\s"'`(])--[a-z]/i,
];

/** @returns Fault engine_refused, context_length_exceeded or unsupported_parameter */
export function publicRefusal(said: EngineMessage, names: Names): Fault {
  const pydantic = said.message === undefined ? undefined : readPydantic(said.message);
  const message = pydantic?.message ?? said.message;
  if (message === undefined) return new Fault("engine_refused", { detail: "the engine gave no reason" });
  if (NO_TOOLS.test(message))
    return new Fault("unsupported_parameter", { text: "Tool calls are not supported by this model.", param: "tools" });
  const tooLong = CONTEXT_LENGTH.test(message);
  const param = tooLong ? contextParam(said.param, names) : publicParam(pydantic?.param ?? said.param);
  const text = tooLong ? recognizable(publicText(message, names)) : publicText(message, names);
  const options = {
    ...(text === undefined ? { detail: "the engine's reason names what callers may not know" } : { text }),
    ...(param === undefined ? {} : { param }),
  };
  return new Fault(tooLong ? "context_length_exceeded" : "engine_refused", options);
}

/** Clients that shorten a prompt by themselves know the occasion by these words of OpenAI's, and not by the code. */
function recognizable(text: string | undefined): string | undefined {
  return text === undefined || text.includes("maximum context length") ? text : `${FAULTS.context_length_exceeded.text} ${text}`;
}

/** The engine's words made fit for the caller; undefined when they cannot be. */
export function publicText(message: string, names: Names): string | undefined {
  let text = message.replace(/\s*Valid aliases:[^.]*\.?/gi, "").replace(/\s*\((parameter|param)=[^)]*\)/gi, "");
  text = replaceName(text, names).replace(/max_model_len/g, "the maximum context length");
  text = text.replace(/[\p{Cc}\s]+/gu, " ").trim();
  const probe = text.split(names.aliasName).join("");
  if (text === "" || REVEALING.some((pattern) => pattern.test(probe))) return undefined;
  return text.length > TEXT_CHARS_MAX ? `${text.slice(0, TEXT_CHARS_MAX - 1).trimEnd()}…` : text;
}

/** The served name stands for itself only where no word goes on: a model called "a" must not eat letters. */
function replaceName(text: string, { servedName, aliasName }: Names): string {
  if (servedName === "" || servedName === aliasName) return text;
  const literal = servedName.replace(/[.*+?^${}()|[\]\\/-]/g, "\\$&");
  return text.replace(new RegExp(`(?<![\\w/])${literal}(?![\\w/])`, "g"), () => aliasName);
}

interface Pydantic {
  readonly message: string;
  readonly param: string | undefined;
}

/** `1 validation error:\n  {'type': …, 'loc': 'body.seed', 'msg': 'Input should be …', 'input': …}`: what is of use is msg and loc. */
function readPydantic(message: string): Pydantic | undefined {
  const head = /^\d+ validation errors?( for [^\n]*)?:?\s*/.exec(message);
  if (head === null) return undefined;
  const found = /'msg': (?:'([^']*)'|"([^"]*)")/.exec(message);
  const reason = found?.[1] ?? found?.[2];
  if (reason === undefined) return { message: message.slice(head[0].length), param: undefined };
  const param = publicParam(/'loc': '([^']*)'/.exec(message)?.[1]);
  return { message: param === undefined ? `${reason}.` : `Invalid '${param}': ${reason}.`, param };
}

/** A parameter's path as OpenAI writes it, without what only the engine calls so; undefined when it is none that a caller could have sent. */
function publicParam(param: string | undefined): string | undefined {
  const path = param
    ?.replace(/^body\.?/, "")
    .replace(ENGINE_TYPE, "")
    .replace(ARRAY_INDEX, "[$1]");
  return path !== undefined && /^[a-z_][\w.[\]]{0,99}$/i.test(path) ? path : undefined;
}

/** Engines blame internal names for the prompt; a completion bound that does not fit is named as it is. */
function contextParam(param: string | undefined, names: Names): string {
  return param === "max_tokens" || param === "max_completion_tokens" ? param : names.promptParam;
}
