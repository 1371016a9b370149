/** The witness changes nothing that passes, and tells how each answer ended. */
import { createServer, type RequestListener, type Server } from "node:http";
import { afterEach, describe, expect, it } from "vitest";
import { until } from "../edge/support/until.ts";
import { Witness } from "./support/witness.ts";

let server: Server;
let witness: Witness;
let gone = 0;

async function standing(answer: RequestListener): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new TypeError("no port");
  witness = new Witness(`http://127.0.0.1:${address.port}/v1`);
  return witness.listen();
}

afterEach(async () => {
  await witness.stop();
  server.closeAllConnections();
  server.close();
});

describe("a witness", () => {
  it("passes head and body on as they are, both ways", async () => {
    const url = await standing((request, response) => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => {
        response.writeHead(418, ["X-Twice", "1", "X-Twice", "2", "content-type", "application/json"]);
        response.end(JSON.stringify({ host: request.headers.host, own: request.headers["x-own"], body: Buffer.concat(chunks).toString() }));
      });
    });
    const response = await fetch(`${url}/models?a=1`, { method: "POST", body: "ä", headers: { "x-own": "yes" } });
    const upstream = server.address();
    expect([response.status, response.headers.get("x-twice")]).toEqual([418, "1, 2"]);
    expect(await response.json()).toEqual({
      host: `127.0.0.1:${typeof upstream === "object" ? upstream?.port : ""}`,
      own: "yes",
      body: "ä",
    });
    expect(witness.exchanges).toMatchObject([
      { method: "POST", path: "/v1/models?a=1", status: 418, requestBody: "ä", ended: "whole", contentType: "application/json" },
    ]);
  });

  it("passes a frame on before the next one comes, and a client's leaving at once", async () => {
    const url = await standing((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: one\n\n");
      response.on("close", () => (gone += 1));
    });
    const controller = new AbortController();
    const response = await fetch(`${url}/x`, { signal: controller.signal });
    const { value } = (await response.body?.getReader().read()) ?? {};
    expect(Buffer.from(value ?? []).toString()).toBe("data: one\n\n");
    controller.abort();
    expect(await until("the server sees it", () => gone === 1)).toBeLessThan(250);
    expect(witness.exchanges).toMatchObject([{ ended: "left", answer: "data: one\n\n" }]);
  });

  it("cuts where the server cuts", async () => {
    const url = await standing((_, response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: on", () => response.destroy());
    });
    await expect(fetch(`${url}/x`).then((response) => response.text())).rejects.toThrow();
    expect(witness.exchanges).toMatchObject([{ ended: "cut", answer: "data: on" }]);
  });

  it("shows what it saw to the script, and counts that not", async () => {
    const url = await standing((_, response) => response.end("{}"));
    await (await fetch(`${url}/x`)).text();
    const own = new URL("/-/exchanges", url);
    for (const _ of [1, 2]) expect(await (await fetch(own)).json()).toMatchObject([{ path: "/v1/x", status: 200 }]);
  });
});
