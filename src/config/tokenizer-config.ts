/** Reads the tokenizer_config.json that comes with a model: its chat template and its special tokens. */
import { isRecord } from "./path.ts";

/** What a tokenizer_config.json holds for us. */
export interface TokenizerConfig {
  /** "" when it has none. */
  readonly source: string;
  readonly toolSource: string | undefined;
  readonly bosToken: string;
  readonly eosToken: string;
}

/** undefined when the text is no tokenizer_config.json: it is the template itself then. */
export function tokenizerConfig(text: string): TokenizerConfig | undefined {
  if (!text.trimStart().startsWith("{")) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isRecord(value)) return undefined;
  const templates = templatesIn(value["chat_template"]);
  return {
    source: templates.get("default") ?? "",
    toolSource: templates.get("tool_use"),
    bosToken: tokenText(value["bos_token"]),
    eosToken: tokenText(value["eos_token"]),
  };
}

/** One template, or several with names. */
function templatesIn(given: unknown): ReadonlyMap<string, string> {
  if (typeof given === "string") return new Map([["default", given]]);
  const found = new Map<string, string>();
  const list: readonly unknown[] = Array.isArray(given) ? given : [];
  for (const one of list) {
    if (isRecord(one) && typeof one["name"] === "string" && typeof one["template"] === "string") found.set(one["name"], one["template"]);
  }
  return found;
}

/** A token is its text, or an object that holds it. */
function tokenText(token: unknown): string {
  if (typeof token === "string") return token;
  return isRecord(token) && typeof token["content"] === "string" ? token["content"] : "";
}
