import { createServer, request, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { Fault } from "../../../../src/faults.ts";
import { Bodies } from "../../../../src/entry/node/bodies.ts";

let server: Server | undefined;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** Serves bodies back as they were read, or the name of the fault. */
async function echo(bytesMax: number): Promise<number> {
  const bodies = new Bodies();
  server = createServer((incoming, outgoing) => {
    bodies.read(incoming, outgoing, bytesMax).then(
      (body) => outgoing.end(Buffer.from(body)),
      (error: unknown) => outgoing.writeHead(400, { connection: "close" }).end(error instanceof Fault ? error.fault : "no fault"),
    );
  });
  const listening = server;
  await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
  const address = listening.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function post(port: number, body: Buffer, headers: Record<string, string>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: "127.0.0.1", method: "POST", headers }, (message) => {
      const chunks: Buffer[] = [];
      message.on("data", (chunk: Buffer) => chunks.push(chunk));
      message.on("end", () => resolve(Buffer.concat(chunks)));
    });
    asked.on("error", reject);
    asked.end(body);
  });
}

describe("Bodies", () => {
  it.each([0, 10, 70_000, 300_000])("reads %d bytes as they were sent, again and again from the same memory", async (length) => {
    const port = await echo(1_000_000);
    for (const seed of [1, 2, 3]) {
      const body = Buffer.from(Array.from({ length }, (_, at) => (at * seed) % 251));
      expect((await post(port, body, { "content-length": String(length) })).equals(body)).toBe(true);
    }
  });

  it("reads bodies that do not say how long they are", async () => {
    const port = await echo(1_000_000);
    const body = Buffer.alloc(200_000, "x");
    expect((await post(port, body, { "transfer-encoding": "chunked" })).equals(body)).toBe(true);
  });

  it("refuses what says that it is too large before reading it, and what turns out to be", async () => {
    const port = await echo(1_000);
    expect((await post(port, Buffer.alloc(2_000), { "content-length": "2000" })).toString()).toBe("body_too_large");
    expect((await post(port, Buffer.alloc(2_000), { "transfer-encoding": "chunked" })).toString()).toBe("body_too_large");
  });
});
