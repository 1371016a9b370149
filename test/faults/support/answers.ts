/** The bytes that scripts write: engine answers, whole, in pieces, and wrong in one respect. */

/** What a good answer says of its use: other numbers than those of the request or of what we could count. */
export const PROMPT_TOKENS = 7;
export const COMPLETION_TOKENS = 3;

export const USAGE = {
  prompt_tokens: PROMPT_TOKENS,
  completion_tokens: COMPLETION_TOKENS,
  total_tokens: PROMPT_TOKENS + COMPLETION_TOKENS,
};

export const CHAT = {
  id: "chatcmpl-engine",
  object: "chat.completion",
  created: 1_780_000_000,
  model: "served",
  choices: [{ index: 0, message: { role: "assistant", content: "hello there" }, finish_reason: "stop" }],
  usage: USAGE,
};

/** A head of status line and header lines. */
export function head(status: string, ...lines: readonly string[]): string {
  return `HTTP/1.1 ${[status, ...lines].join("\r\n")}\r\n\r\n`;
}

/** A whole answer with a body of any form. */
export function answer(status: string, type: string, body: string | Buffer, ...lines: readonly string[]): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([Buffer.from(head(status, `content-type: ${type}`, `content-length: ${bytes.length}`, ...lines), "latin1"), bytes]);
}

export function json(value: unknown = CHAT, status = "200 OK", ...lines: readonly string[]): Buffer {
  return answer(status, "application/json", typeof value === "string" ? value : JSON.stringify(value), ...lines);
}

export const STREAM_HEAD = head("200 OK", "content-type: text/event-stream; charset=utf-8", "transfer-encoding: chunked");

/** One HTTP chunk. */
export function chunk(bytes: string | Buffer): Buffer {
  const body = Buffer.from(bytes);
  return Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from("\r\n")]);
}

export const LAST_CHUNK = "0\r\n\r\n";

const ENVELOPE = { id: "chatcmpl-engine", object: "chat.completion.chunk", created: 1_780_000_000, model: "served" };

/** One event. */
export function event(data: unknown): string {
  return `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
}

export function delta(content: string): string {
  return event({ ...ENVELOPE, choices: [{ index: 0, delta: { content }, finish_reason: null }] });
}

export const ROLE = event({ ...ENVELOPE, choices: [{ index: 0, delta: { role: "assistant", content: "" }, finish_reason: null }] });
export const FINISH = event({ ...ENVELOPE, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] });
export const DONE = event("[DONE]");

export function usage(value: unknown): string {
  return event({ ...ENVELOPE, choices: [], usage: value });
}

/** The frames of a good answer; each piece is one HTTP chunk. */
export const GOOD_FRAMES = [ROLE, delta("hello"), delta(" there"), FINISH, usage(USAGE), DONE];

/** Head and frames, without the end. */
export function stream(...frames: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat([Buffer.from(STREAM_HEAD), ...frames.map(chunk)]);
}

/** More frames of a stream that has begun, and its end. */
export function rest(...frames: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat([...frames.map(chunk), Buffer.from(LAST_CHUNK)]);
}

/** A whole stream with its end. */
export function wholeStream(...frames: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat([stream(...frames), Buffer.from(LAST_CHUNK)]);
}

export const GOOD_STREAM = wholeStream(...GOOD_FRAMES);
export const GOOD_JSON = json();

/** A good answer to whatever was asked. */
export function good(body: Buffer): Buffer {
  return body.includes('"stream":true') ? GOOD_STREAM : GOOD_JSON;
}
