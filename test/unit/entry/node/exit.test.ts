import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import { NodeExit } from "../../../../src/entry/node/exit.ts";

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function serve(answer: (exit: NodeExit, response: ServerResponse) => void): Promise<number> {
  server = createServer((_, response) => answer(new NodeExit(response), response));
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const address = listening.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function get(port: number): Promise<{ readonly message: IncomingMessage; readonly body: string }> {
  return new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1" }, (message) => {
      let body = "";
      message.on("data", (chunk: Buffer) => (body += chunk.toString()));
      message.on("end", () => resolve({ message, body }));
      message.on("error", reject);
    })
      .on("error", reject)
      .end();
  });
}

/** Everything that comes back over one raw connection until it closes or falls silent. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    let seen = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (chunk: Buffer) => (seen += chunk.toString()));
    socket.on("close", () => resolve(seen));
  });
}

describe("NodeExit", () => {
  it("sends an answer in one piece with its length", async () => {
    const port = await serve((exit) => {
      exit.head(200, ["x-a", "1"]);
      exit.end(Buffer.from("whole"));
    });
    const { message, body } = await get(port);
    expect(body).toBe("whole");
    expect(message.headers).toMatchObject({ "content-length": "5", "x-a": "1" });
  });

  it("sends a large answer in pieces, so that it shows whether its caller takes any", async () => {
    const whole = Buffer.alloc(2 * BOUNDS.answerPieceBytes + 5, "abcdefg");
    let writes = 0;
    const port = await serve((exit, response) => {
      const write = response.write.bind(response);
      Object.assign(response, { write: (...given: Parameters<typeof write>) => ((writes += 1), write(...given)) });
      exit.head(200, []);
      exit.end(whole);
    });
    const { message, body } = await get(port);
    expect([message.headers["content-length"], message.complete, writes]).toEqual([String(whole.length), true, 2]);
    expect(body === whole.toString()).toBe(true);
  });

  it("makes one chunk of what one turn brings, with the last chunk behind it", async () => {
    const port = await serve((exit) => {
      exit.head(200, []);
      exit.write(Buffer.from("one "));
      exit.write(Buffer.from("two"));
      exit.end(Buffer.from("!"));
    });
    const seen = await raw(port, "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    expect(seen.split("\r\n\r\n").slice(1).join("\r\n\r\n")).toBe("8\r\none two!\r\n0\r\n\r\n");
  });

  it("sends what comes later as chunks of their own", async () => {
    const port = await serve((exit) => {
      exit.head(200, []);
      exit.write(Buffer.from("first"));
      setImmediate(() => {
        exit.write(Buffer.from("second"));
        setImmediate(() => exit.end());
      });
    });
    const { message, body } = await get(port);
    expect(body).toBe("firstsecond");
    expect(message.headers["transfer-encoding"]).toBe("chunked");
    expect(message.complete).toBe(true);
  });

  it("keeps the connection usable for the next request", async () => {
    const port = await serve((exit) => {
      exit.head(200, []);
      exit.write(Buffer.from("x"));
      exit.end();
    });
    const seen = await raw(port, "GET / HTTP/1.1\r\nhost: a\r\n\r\nGET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n");
    expect(seen.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
    expect(seen.match(/1\r\nx\r\n0\r\n\r\n/g)).toHaveLength(2);
  });

  it("gives HTTP/1.0 the bare bytes and closes", async () => {
    const port = await serve((exit) => {
      exit.head(200, []);
      exit.write(Buffer.from("bare "));
      setImmediate(() => exit.end(Buffer.from("bytes")));
    });
    const seen = await raw(port, "GET / HTTP/1.0\r\n\r\n");
    expect(seen.endsWith("\r\n\r\nbare bytes")).toBe(true);
    expect(seen).not.toMatch(/chunked/);
  });

  it("says when the caller has gone, also when it had gone before", async () => {
    const gone = Promise.withResolvers<string>();
    const port = await serve((exit, response) => {
      exit.onGone(() => {
        exit.onGone(() => gone.resolve("told twice"));
      });
      exit.head(200, []);
      exit.write(Buffer.from("x"));
      response.req.socket.once("close", () => undefined);
    });
    const socket = connect(port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
    socket.once("data", () => socket.destroy());
    expect(await gone.promise).toBe("told twice");
  });

  it("asks to wait while the caller reads slowly, and says when it has drained", async () => {
    const asked = Promise.withResolvers<void>();
    const drained = Promise.withResolvers<void>();
    const port = await serve((exit) => {
      exit.head(200, []);
      exit.onDrain(() => drained.resolve());
      const more = (): void => {
        if (exit.write(Buffer.alloc(1024 * 1024))) setImmediate(more);
        else asked.resolve();
      };
      more();
    });
    const socket = connect(port, "127.0.0.1", () => socket.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n"));
    await asked.promise;
    socket.resume();
    await drained.promise;
    socket.destroy();
  });
});
