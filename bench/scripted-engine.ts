/** An engine in this process that can be killed and brought back, and says exactly when: what a mock in another process could only tell late. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

/** How it answers one chat request; `marker` is what the caller wrote. */
export type Answering = (response: ServerResponse, marker: string) => Promise<void> | void;

const CHUNK = { id: "chatcmpl-1", object: "chat.completion.chunk", created: 1_780_000_000, model: "mock-model" };
const END = [
  { ...CHUNK, choices: [{ index: 0, delta: {}, finish_reason: "stop" }] },
  { ...CHUNK, choices: [], usage: { prompt_tokens: 21, completion_tokens: 4, total_tokens: 25 } },
];

export const frameOf = (content: string): string =>
  `data: ${JSON.stringify({ ...CHUNK, choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;

/** A short stream at an engine's pace. */
export async function shortStream(response: ServerResponse): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" });
  for (const word of ["one", " two", " three", " four"]) {
    response.write(frameOf(word));
    await sleep(5);
  }
  response.end(`${END.map((value) => `data: ${JSON.stringify(value)}\n\n`).join("")}data: [DONE]\n\n`);
}

export class ScriptedEngine {
  /** Chat requests so far. */
  requests = 0;
  readonly #port: number;
  readonly #answering: Answering;
  #server: Server | undefined;

  constructor(port: number, answering: Answering) {
    this.#port = port;
    this.#answering = answering;
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => void this.#accept(request, response));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
  }

  /** As when its process is killed: the port is closed and every connection is gone. */
  kill(): void {
    this.#server?.close();
    this.#server?.closeAllConnections();
    this.#server = undefined;
  }

  async #accept(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "POST") {
      response.writeHead(request.url === "/health" ? 200 : 404, { "content-length": 0 }).end();
      return;
    }
    this.requests += 1;
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    await this.#answering(response, markerIn(Buffer.concat(parts).toString("utf8")));
  }
}

function markerIn(body: string): string {
  return /#([\w-]+)#/.exec(body)?.[1] ?? "";
}

/** A caller's words with a marker in them that its engine finds again. */
export function marked(model: string, marker: string): string {
  return JSON.stringify({ model, stream: true, max_tokens: 16, messages: [{ role: "user", content: `#${marker}#` }] });
}
