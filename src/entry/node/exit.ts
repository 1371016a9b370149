/** The way out over node:http: straight into the raw response, past Web Streams. */
import type { ServerResponse } from "node:http";
import type { Exit, HeaderList } from "../../ports.ts";

export class NodeExit implements Exit {
  readonly #response: ServerResponse;
  #status = 200;
  #headers: HeaderList = [];
  #started = false;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get started(): boolean {
    return this.#started;
  }

  head(status: number, headers: HeaderList): void {
    this.#status = status;
    this.#headers = headers;
    this.#started = true;
  }

  write(bytes: Buffer): boolean {
    const response = this.#response;
    if (!response.headersSent) response.writeHead(this.#status, this.#headers.slice());
    return response.write(bytes);
  }

  end(bytes?: Buffer): void {
    const response = this.#response;
    if (response.headersSent) response.end(bytes);
    else if (this.#status === 204) response.writeHead(204, this.#headers.slice()).end();
    else response.writeHead(this.#status, [...this.#headers, "content-length", String(bytes?.length ?? 0)]).end(bytes);
  }

  abort(): void {
    this.#response.destroy();
  }

  onGone(then: () => void): void {
    const response = this.#response;
    if (response.destroyed && !response.writableFinished) return then();
    response.on("close", () => {
      if (!response.writableFinished) then();
    });
  }

  onDrain(then: () => void): void {
    this.#response.on("drain", then);
  }
}
