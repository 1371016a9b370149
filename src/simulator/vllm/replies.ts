/** The heads and bodies that vLLM's server (uvicorn) sends. */
import type { Exchange } from "../loopback-server.ts";
import type { Vllm } from "./options.ts";

/** In the order in which uvicorn writes them. */
export function headers(vllm: Vllm, exchange: Exchange, entity: readonly string[]): string[] {
  const { clock, requestIdHeaders } = vllm.options;
  const list = ["date", new Date(clock.nowMs()).toUTCString(), "server", "uvicorn", ...entity];
  if (requestIdHeaders) list.push("x-request-id", exchange.header("x-request-id") ?? vllm.random.hex(32));
  return list;
}

/** A whole JSON answer. */
export function sendJson(vllm: Vllm, exchange: Exchange, { status, value }: { readonly status: number; readonly value: unknown }): void {
  sendText(vllm, exchange, { status, type: "application/json", text: JSON.stringify(value) });
}

export interface TextReply {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
  /** More headers, flat. */
  readonly more?: readonly string[];
}

export function sendText(vllm: Vllm, exchange: Exchange, { status, type, text, more = [] }: TextReply): void {
  const entity = ["content-length", String(Buffer.byteLength(text)), ...(type === undefined ? [] : ["content-type", type]), ...more];
  // The layer that adds `vary` is not reached by what the key check turns away.
  if (status !== 401) entity.push("vary", "Origin");
  exchange.answer.head(status, headers(vllm, exchange, entity));
  exchange.answer.end(text);
}

export function streamHead(vllm: Vllm, exchange: Exchange): void {
  const entity = ["content-type", "text/event-stream; charset=utf-8", "vary", "Origin", "transfer-encoding", "chunked"];
  exchange.answer.head(200, headers(vllm, exchange, entity));
}

export function frame(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

/** An error inside a stream, spaced as Python prints it. [DONE] follows all the same. */
export function errorFrames(body: unknown): string {
  return `data: ${spaced(body)}\n\n${DONE}`;
}

export const DONE = "data: [DONE]\n\n";

function spaced(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, member]) => `${JSON.stringify(name)}: ${spaced(member)}`)
    .join(", ")}}`;
}

/** Unix seconds. */
export function seconds(vllm: Vllm): number {
  return Math.floor(vllm.options.clock.nowMs() / 1_000);
}
