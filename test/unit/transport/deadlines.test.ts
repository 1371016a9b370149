import { afterEach, describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { NodeTransport } from "../../../src/transport/node.ts";
import { backendAt, clearanceFor, Notebook, OK, POST, ScriptedEngine, StandingClock, until } from "./support.ts";

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

const LIMITS = { firstByteMsMax: 5_000, betweenBytesMsMax: 2_000, totalMsMax: 20_000 };
const HEAD = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

async function setup(script: Parameters<typeof ScriptedEngine.listen>[0], outbound = POST) {
  const engine = await ScriptedEngine.listen(script);
  const clock = new StandingClock();
  const transport = new NodeTransport({ clock, limits: LIMITS });
  open.push(engine, transport);
  const notebook = new Notebook();
  const upstream = transport.send(clearanceFor(backendAt(engine.url)), outbound, notebook);
  await until(() => engine.requests.length === 1);
  return { engine, clock, transport, notebook, upstream };
}

/** Lets one chunk travel and be heard. */
async function drip(engine: ScriptedEngine, notebook: Notebook): Promise<void> {
  const before = notebook.text.length;
  engine.sockets[0]?.write("1\r\nx\r\n");
  await until(() => notebook.text.length > before);
}

describe("an engine that accepts and never answers", () => {
  it("fails at the first-byte deadline, elsewhere and sick, and its socket is closed", async () => {
    const { engine, clock, notebook } = await setup(() => undefined);
    clock.pass(LIMITS.firstByteMsMax);
    expect(notebook.verdict).toBe("none");
    clock.pass(BOUNDS.deadlineSweepMs * 2);
    expect(notebook.verdict).toBe("engine_timeout elsewhere sick");
    expect(notebook.events).toEqual(["fail"]);
    await until(() => engine.sockets[0]?.destroyed === true);
  });

  it("has until the total when its answer comes whole", async () => {
    const { clock, notebook } = await setup(() => undefined, { ...POST, comesWhole: true });
    clock.pass(LIMITS.totalMsMax);
    expect(notebook.verdict).toBe("none");
    clock.pass(BOUNDS.deadlineSweepMs * 2);
    expect(notebook.verdict).toBe("engine_timeout");
  });
});

describe("an engine that falls silent", () => {
  it("fails after the silence, elsewhere and sick", async () => {
    const { engine, clock, notebook } = await setup((socket) => socket.write(HEAD));
    await notebook.begun.promise;
    clock.pass(LIMITS.betweenBytesMsMax);
    await drip(engine, notebook);
    clock.pass(LIMITS.betweenBytesMsMax);
    expect(notebook.verdict).toBe("none");
    clock.pass(BOUNDS.deadlineSweepMs * 2);
    expect(notebook.verdict).toBe("engine_timeout elsewhere sick");
  });

  it("is not late while we have paused it, and has the whole silence again afterwards", async () => {
    const { clock, notebook, upstream } = await setup((socket) => socket.write(HEAD));
    await notebook.begun.promise;
    upstream.pause();
    clock.pass(LIMITS.betweenBytesMsMax * 3);
    expect(notebook.verdict).toBe("none");
    upstream.resume();
    clock.pass(LIMITS.betweenBytesMsMax);
    expect(notebook.verdict).toBe("none");
    clock.pass(BOUNDS.deadlineSweepMs * 2);
    expect(notebook.verdict).toBe("engine_timeout elsewhere sick");
  });
});

describe("an engine that drips", () => {
  it("fails at the total, which is no illness, paused or not", async () => {
    const { engine, clock, notebook, upstream } = await setup((socket) => socket.write(HEAD));
    await notebook.begun.promise;
    for (let ms = 0; ms < LIMITS.totalMsMax; ms += 1_000) {
      expect(notebook.verdict).toBe("none");
      await drip(engine, notebook);
      clock.pass(1_000);
    }
    upstream.pause();
    clock.pass(BOUNDS.deadlineSweepMs * 2);
    expect(notebook.verdict).toBe("engine_timeout");
  });
});

describe("the sweep", () => {
  it("is one for all exchanges and stops when none runs", async () => {
    const { clock, transport, upstream, engine } = await setup(() => undefined);
    const second = transport.send(clearanceFor(backendAt(engine.url)), POST, new Notebook());
    expect(clock.armed).toBe(1);
    upstream.cancel();
    second.cancel();
    clock.pass(BOUNDS.upstreamIdleMs + BOUNDS.deadlineSweepMs * 2);
    expect(clock.armed).toBe(0);
  });
});

describe("a probe", () => {
  it("asks with the credential and gives status and text", async () => {
    const engine = await ScriptedEngine.listen((socket) => socket.write(OK));
    const transport = new NodeTransport({ clock: new StandingClock() });
    open.push(engine, transport);
    const ask = transport.probe(backendAt(engine.url, { credential: "s3cret" }));
    expect(await ask("GET", "/health")).toEqual({ status: 200, body: "{}" });
    expect(await ask("POST", "/x", "{}")).toEqual({ status: 200, body: "{}" });
    expect(engine.requests[0]).toContain("authorization: Bearer s3cret\r\n");
    expect(engine.requests[1]).toContain("content-type: application/json\r\n");
  });

  it("does not wait behind inference", async () => {
    const engine = await ScriptedEngine.listen((socket, nth) => nth > 1 && socket.write(OK));
    const transport = new NodeTransport({ clock: new StandingClock() });
    open.push(engine, transport);
    const backend = backendAt(engine.url, { concurrencyMax: 1 });
    transport.send(clearanceFor(backend), POST, new Notebook());
    await until(() => engine.requests.length === 1);
    expect((await transport.probe(backend)("GET", "/health")).status).toBe(200);
  });

  it("rejects on its own short deadline, on redirects, and on too many bytes", async () => {
    const engine = await ScriptedEngine.listen((socket, nth) => {
      if (nth === 2) socket.write("HTTP/1.1 307 Go\r\nlocation: /\r\ncontent-length: 0\r\n\r\n");
      if (nth === 3)
        socket.write(
          `HTTP/1.1 200 OK\r\ncontent-length: ${String(BOUNDS.metricsBytesMax * 2)}\r\n\r\n${"x".repeat(BOUNDS.metricsBytesMax + 1)}`,
        );
    });
    const clock = new StandingClock();
    const transport = new NodeTransport({ clock });
    open.push(engine, transport);
    const ask = transport.probe(backendAt(engine.url));
    const silent = ask("GET", "/health");
    await until(() => engine.requests.length === 1);
    clock.pass(BOUNDS.healthTimeoutMs + BOUNDS.deadlineSweepMs * 2);
    await expect(silent).rejects.toMatchObject({ fault: "engine_timeout" });
    await expect(ask("GET", "/health")).rejects.toMatchObject({ fault: "engine_failed" });
    await expect(ask("GET", "/metrics")).rejects.toMatchObject({ detail: "a status route answered with too many bytes" });
  });
});
