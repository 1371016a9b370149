import { createConnection } from "node:net";
import { describe, expect, it } from "vitest";
import { VllmSimulator } from "../../../src/simulator/vllm.ts";
import { MODELS } from "./recorded.ts";
import { ask, chat, ManualClock, shape, user, vllm } from "./support.ts";

describe("VllmSimulator", () => {
  it("has the small routes", async () => {
    const { url } = await vllm();
    expect(await ask(`${url}/health`)).toMatchObject({ status: 200, text: "" });
    expect(await ask(`${url}/ping`, { method: "POST" })).toMatchObject({ status: 200, text: "" });
    expect(await ask(`${url}/version`)).toMatchObject({ status: 200, text: '{"version":"0.32.0"}' });
    expect(await ask(`${url}/load`)).toMatchObject({ status: 200, text: '{"server_load":0}' });
  });

  it("lists its models as recorded, all of them, and answers with the first", async () => {
    const simulator = await vllm({ models: ["one", "two"] });
    const { text } = await ask(`${simulator.url}/v1/models`);
    expect(shape(JSON.parse(text))).toEqual(shape(JSON.parse(MODELS)));
    expect(JSON.parse(text).data.map(({ id }: { id: string }) => id)).toEqual(["one", "two"]);
    expect(JSON.parse((await chat(simulator, "x", { model: "two" })).text).model).toBe("one");
    expect((await chat(simulator, "x", { model: undefined })).status).toBe(200);
  });

  it("says 404, 405 and 307 as recorded", async () => {
    const { url } = await vllm();
    expect(await ask(`${url}/nope`)).toMatchObject({ status: 404, text: '{"detail":"Not Found"}' });
    expect(await ask(`${url}/v1/embeddings`, { body: {} })).toMatchObject({ status: 404 });
    expect(await ask(`${url}/v1/chat/completions`)).toMatchObject({
      status: 405,
      text: '{"detail":"Method Not Allowed"}',
      headers: { allow: "POST" },
    });
    expect(await ask(`${url}/health`, { method: "HEAD" })).toMatchObject({ status: 405, headers: { allow: "GET" } });
    expect(await ask(`${url}/v1/chat/completions/`, { body: {} })).toMatchObject({
      status: 307,
      headers: { location: `${url}/v1/chat/completions` },
    });
  });

  it("remembers what it saw", async () => {
    const simulator = await vllm();
    await ask(`${simulator.url}/v1/chat/completions?a=1`, { body: { messages: user("x") }, headers: { authorization: "Bearer k" } });
    expect(simulator.seen).toMatchObject([
      { method: "POST", path: "/v1/chat/completions", headers: { authorization: "Bearer k" }, body: expect.stringContaining('"x"') },
    ]);
    expect(simulator.counts).toMatchObject({ requests: 1, connections: 1, cancelled: 0 });
  });

  it("closes idle connections by itself, as uvicorn does", async () => {
    const simulator = await vllm({ keepAliveMs: 20 });
    const { port } = new URL(simulator.url);
    const socket = createConnection(Number(port), "127.0.0.1");
    const received = new Promise<string>((resolve) => {
      let text = "";
      socket.on("data", (chunk) => (text += chunk.toString()));
      socket.on("close", () => resolve(text));
    });
    socket.write("GET /health HTTP/1.1\r\nhost: x\r\n\r\n");
    expect(await received).toMatch(/^HTTP\/1\.1 200 OK\r\ndate: .*\r\nserver: uvicorn\r\ncontent-length: 0\r\nvary: Origin\r\n\r\n$/);
  });

  it("does the same under the same seed, down to the byte and the millisecond", async () => {
    const day = async () => {
      const clock = new ManualClock();
      const simulator = await vllm({ clock, seed: 5, profile: { jitterRatio: 0.3 } });
      const texts: string[] = [];
      for (const prompt of ["one", "two"]) {
        const got = chat(simulator, prompt, { stream: true });
        await expect.poll(() => simulator.engine.running).toBe(1);
        clock.advance(100_000);
        texts.push((await got).text);
      }
      return [texts, (await ask(`${simulator.url}/metrics`)).text];
    };
    expect(await day()).toEqual(await day());
  });

  it("cannot have a port that is taken", async () => {
    const first = await vllm();
    const second = new VllmSimulator({ clock: new ManualClock(), models: ["x"] });
    await expect(second.start(Number(new URL(first.url).port))).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
