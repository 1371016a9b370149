/** POST /tokenize and /detokenize. */
import { readDirectives } from "../directives.ts";
import type { Exchange } from "../loopback-server.ts";
import { decode, decodeOne, encode } from "../tokens.ts";
import { readMessages, render } from "./chat-request.ts";
import { type Fields, readFields } from "./fields.ts";
import type { Vllm } from "./options.ts";
import { sendJson } from "./replies.ts";
import { checkModel } from "./sampling.ts";
import { strike } from "./strike.ts";

export function serveTokenize(vllm: Vllm, exchange: Exchange): void {
  const fields = readFields(exchange.body, exchange.header);
  checkModel(vllm, fields);
  const text = textOf(vllm, fields);
  if (strike(vllm, exchange, { ...vllm.knobs(), ...readDirectives(text).fail })) return;
  const tokens = encode(text);
  const strings = fields.boolean("return_token_strs") === true ? tokens.map(decodeOne) : null;
  const value = { count: tokens.length, max_model_len: vllm.options.contextTokensMax, tokens, token_strs: strings };
  sendJson(vllm, exchange, { status: 200, value });
}

export function serveDetokenize(vllm: Vllm, exchange: Exchange): void {
  const fields = readFields(exchange.body, exchange.header);
  checkModel(vllm, fields);
  const tokens = fields.list("tokens");
  if (tokens === undefined) throw fields.missing("tokens");
  if (strike(vllm, exchange, vllm.knobs())) return;
  const ids = tokens.filter((token) => typeof token === "number");
  sendJson(vllm, exchange, { status: 200, value: { prompt: decode(ids) } });
}

function textOf(vllm: Vllm, fields: Fields): string {
  const prompt = fields.string("prompt");
  if (prompt !== undefined) return prompt;
  if (fields.has("messages")) return render(readMessages(vllm, fields), fields.any("tools"));
  throw fields.missing("prompt");
}
