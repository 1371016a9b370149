/** An engine that answers whatever a test tells it to, over a real socket, and keeps all that it was sent. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export type Script = (response: ServerResponse, asked: Asked) => void;

export class ScriptedEngine {
  /** Inference alone: probes carry nothing of a request. */
  readonly asked: Asked[] = [];
  script: Script = sayHi;
  readonly #server: Server;
  readonly #model: string;

  constructor(model: string) {
    this.#model = model;
    this.#server = createServer((request, response) => void this.#answer(request, response));
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this.url;
  }

  get url(): string {
    const address = this.#server.address();
    return `http://127.0.0.1:${isPort(address) ? address.port : 0}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { url = "/", headers } = request;
    if (url === "/health") return void response.end();
    if (url === "/v1/models") return void json(response, { object: "list", data: [{ id: this.#model }] });
    if (url === "/metrics") return void response.end("");
    const chunks: Buffer[] = [];
    request.on("error", () => undefined);
    for await (const chunk of request) chunks.push(Buffer.from(chunk));
    const asked = { path: url, headers, body: Buffer.concat(chunks).toString() };
    this.asked.push(asked);
    this.script(response, asked);
  }
}

function isPort(address: ReturnType<Server["address"]>): address is AddressInfo {
  return typeof address === "object" && address !== null;
}

export function json(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

export const USAGE = { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 };

/** A whole answer, and a stream where one was asked for. */
export const saying =
  (content: string, usage: unknown = USAGE): Script =>
  (response, { body }) => {
    if (/"stream":\s*true/.test(body)) return streaming([chunk({ content }), chunk({}, "stop"), usageFrame(usage)])(response, NOTHING);
    const choices = [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }];
    json(response, {
      id: "x",
      object: "chat.completion",
      created: 1,
      model: "weights",
      choices,
      ...(usage === undefined ? {} : { usage }),
    });
  };

const NOTHING: Asked = { path: "", headers: {}, body: "" };

export const sayHi: Script = saying("hi there");

/** Frames as they stand, then the proper end of a stream. */
export const streaming =
  (frames: readonly string[]): Script =>
  (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const frame of frames) response.write(frame);
    response.end("data: [DONE]\n\n");
  };

export function chunk(delta: Readonly<Record<string, unknown>>, finish: string | null = null): string {
  const choices = [{ index: 0, delta, finish_reason: finish }];
  return `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", created: 1, model: "weights", choices })}\n\n`;
}

export function usageFrame(usage: unknown): string {
  return `data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", created: 1, model: "weights", choices: [], usage })}\n\n`;
}

export const failing =
  (status: number, body: string, type = "application/json"): Script =>
  (response) =>
    void response.writeHead(status, { "content-type": type }).end(body);

const PACE_MS = 40;

/** The same, but each frame on its way alone: what comes after the first byte can only be told in band. */
export const paced =
  (frames: readonly string[]): Script =>
  (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const say = (at: number): void => {
      const frame = frames[at];
      if (frame === undefined) return void response.end("data: [DONE]\n\n");
      response.write(frame, () => setTimeout(() => say(at + 1), PACE_MS));
    };
    say(0);
  };
