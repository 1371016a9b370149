import { afterEach, describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { INFERENCE_LIMITS } from "../../../src/transport/limits.ts";
import { WebExchange } from "../../../src/transport/web-exchange.ts";
import { WebTransport } from "../../../src/transport/web.ts";
import { transportContract } from "../../contract/transport.ts";
import { backendAt, clearanceFor, Notebook, OK, POST, ScriptedEngine, StandingClock, until } from "./support.ts";

transportContract((clock) =>
  Object.assign(new WebTransport({ clock, fetch: (url, init) => fetch(url, init) }), { close: async () => undefined }),
);

const open: ScriptedEngine[] = [];
afterEach(async () => void (await Promise.all(open.splice(0).map((engine) => engine.close()))));

async function sent(script: Parameters<typeof ScriptedEngine.listen>[0], outbound = POST) {
  const engine = await ScriptedEngine.listen(script);
  open.push(engine);
  const clock = new StandingClock();
  const transport = new WebTransport({ clock, fetch: (url, init) => fetch(url, init) });
  const notebook = new Notebook();
  const upstream = transport.send(clearanceFor(backendAt(engine.url)), outbound, notebook);
  return { engine, clock, notebook, upstream };
}

describe("WebTransport", () => {
  it("has a timer for each exchange, and none afterwards", async () => {
    const { clock, notebook } = await sent((socket) => socket.write(OK));
    expect(clock.armed).toBe(1);
    await notebook.over.promise;
    expect(clock.armed).toBe(0);
  });

  it("fails an engine that is silent before its head, and between bytes, each after its time", async () => {
    const silent = await sent(() => undefined);
    await until(() => silent.engine.requests.length === 1);
    silent.clock.pass(BOUNDS.firstByteMsMax + 2 * BOUNDS.webDeadlineSweepMs);
    expect(silent.notebook.verdict).toBe("engine_timeout elsewhere sick");
    const stalled = await sent((socket) => socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1\r\na\r\n"));
    await until(() => stalled.notebook.text === "a");
    stalled.clock.pass(BOUNDS.betweenBytesMsMax);
    expect(stalled.notebook.failure).toBeUndefined();
    stalled.clock.pass(3 * BOUNDS.webDeadlineSweepMs);
    expect(stalled.notebook.verdict).toMatch(/^engine_timeout/);
  });

  it("lets an answer in one piece take its total", async () => {
    const { engine, clock, notebook } = await sent(() => undefined, { ...POST, comesWhole: true });
    await until(() => engine.requests.length === 1);
    clock.pass(BOUNDS.firstByteMsMax + 5 * BOUNDS.webDeadlineSweepMs);
    expect(notebook.failure).toBeUndefined();
    clock.pass(BOUNDS.totalMsMax);
    expect(notebook.verdict).toBe("engine_timeout");
  });

  it("does not go where a redirect points", async () => {
    const elsewhere = await ScriptedEngine.listen((socket) => socket.write(OK));
    open.push(elsewhere);
    const away = `HTTP/1.1 307 Away\r\nlocation: ${elsewhere.url}/\r\ncontent-length: 0\r\n\r\n`;
    const { notebook } = await sent((socket) => socket.write(away));
    await notebook.over.promise;
    expect([notebook.verdict, elsewhere.connections]).toEqual(["engine_failed elsewhere sick", 0]);
  });

  it("sends a body in pieces as one", async () => {
    const { engine, notebook } = await sent((socket) => socket.write(OK), {
      ...POST,
      body: undefined,
      pieces: [Buffer.from("{"), Buffer.from("}")],
    });
    await notebook.over.promise;
    expect(engine.requests[0]).toMatch(/content-length: 2\r\n/i);
    expect(engine.requests[0]?.slice(-6)).toBe("\r\n\r\n{}");
  });
});

describe("WebExchange", () => {
  it("that was cancelled before its answer came tells nothing, and lets the answer go", async () => {
    const clock = new StandingClock();
    const notebook = new Notebook();
    const exchange = new WebExchange({ listener: notebook, limits: INFERENCE_LIMITS, clock });
    const answer = Promise.withResolvers<Response>();
    let aborted = false;
    exchange.start(
      (_, { signal }) => {
        signal.addEventListener("abort", () => (aborted = true));
        return answer.promise;
      },
      "http://engine.test/",
      { method: "GET", headers: [], body: null },
    );
    exchange.cancel();
    const cancelled = Promise.withResolvers<void>();
    answer.resolve(new Response(new ReadableStream({ type: "bytes", cancel: () => cancelled.resolve() })));
    await cancelled.promise;
    expect([aborted, notebook.events, clock.armed]).toEqual([true, [], 0]);
  });

  it("gives bytes that may be kept: the next ones do not lie in their place", async () => {
    const kept: Buffer[] = [];
    const over = Promise.withResolvers<void>();
    const listener = {
      head: () => undefined,
      data: (chunk: Buffer) => void kept.push(chunk),
      end: () => over.resolve(),
      fail: () => over.resolve(),
    };
    const exchange = new WebExchange({ listener, limits: INFERENCE_LIMITS, clock: new StandingClock() });
    const pieces = ["one ", "two ", "three"];
    const body = new ReadableStream({
      type: "bytes",
      pull(controller) {
        const piece = pieces.shift();
        if (piece !== undefined) return controller.enqueue(new TextEncoder().encode(piece));
        controller.close();
        controller.byobRequest?.respond(0);
      },
    });
    exchange.start(() => Promise.resolve(new Response(body)), "http://engine.test/", { method: "GET", headers: [], body: null });
    await over.promise;
    expect(Buffer.concat(kept).toString()).toBe("one two three");
  });
});
