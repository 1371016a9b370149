/** An edge without a socket: requests come from Hono's own test client, answers are written on paper. */
import type { Context } from "hono";
import type { Edge } from "../../../src/app.ts";
import type { Arrival, Exit, HeaderList } from "../../../src/ports.ts";

/** The path a request was sent to comes beside it, since Hono's client would normalise it: pass `{ path }` as the environment. */
export function paperEdge(): Edge {
  const answers = new WeakMap<Arrival, PaperExit>();
  return {
    path: (env) => ("path" in env ? String(env.path) : ""),
    arrive(context: Context) {
      const exit = new PaperExit();
      const url = new URL(context.req.url);
      const sentPath: unknown = context.env.path;
      const arrival: Arrival = {
        method: context.req.method,
        path: String(sentPath),
        get query() {
          return new URLSearchParams(url.search);
        },
        host: context.req.header("host") ?? url.host,
        address: "192.0.2.1",
        values: (name) => [context.req.header(name) ?? []].flat(),
        header: (name) => context.req.header(name),
        body: async () => Buffer.from(await context.req.arrayBuffer()),
        exit,
      };
      answers.set(arrival, exit);
      return arrival;
    },
    leave: (_, arrival) => answers.get(arrival)?.response() ?? new Response(null, { status: 599 }),
  };
}

class PaperExit implements Exit {
  #status = 0;
  #headers: HeaderList = [];
  #body = "";

  head(status: number, headers: HeaderList): void {
    this.#status = status;
    this.#headers = headers;
  }

  write(bytes: Buffer): boolean {
    this.#body += bytes.toString();
    return true;
  }

  end(bytes?: Buffer): void {
    if (bytes !== undefined) this.write(bytes);
  }

  abort(): void {
    this.#status = 0;
  }

  onGone(): void {}

  onDrain(): void {}

  get started(): boolean {
    return this.#status !== 0;
  }

  response(): Response {
    const headers = new Headers();
    for (let at = 0; at < this.#headers.length; at += 2) headers.append(this.#headers[at] ?? "", this.#headers[at + 1] ?? "");
    return new Response(this.#body === "" ? null : this.#body, { status: this.#status, headers });
  }
}
