/** What every transport owes the gateway, over real sockets on the loopback and engines that are scripts. */
import { afterEach, describe, expect, it } from "vitest";
import { BOUNDS } from "../../src/bounds.ts";
import { Clearance } from "../../src/domain/clearance.ts";
import type { Backend } from "../../src/domain/fleet.ts";
import type { Transport } from "../../src/ports.ts";
import { backendAt, clearanceFor, Notebook, OK, POST, rest, ScriptedEngine, StandingClock, until } from "../unit/transport/support.ts";

export interface ClosableTransport extends Transport {
  close(): Promise<void>;
}

export type OpenTransport = (clock: StandingClock) => ClosableTransport;

const CHUNKED = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

const open: { close(): Promise<void> }[] = [];

async function setup(make: OpenTransport, script: Parameters<typeof ScriptedEngine.listen>[0]) {
  const engine = await ScriptedEngine.listen(script);
  const transport = make(new StandingClock());
  open.push(engine, transport);
  return { engine, transport, backend: backendAt(engine.url) };
}

function sent(transport: Transport, backend: Backend, outbound = POST) {
  const notebook = new Notebook();
  return { notebook, upstream: transport.send(clearanceFor(backend), outbound, notebook) };
}

function answers(make: OpenTransport): void {
  it("passes head, bytes and end, and reuses the connection", async () => {
    const { engine, transport, backend } = await setup(make, (socket) => socket.write(OK));
    for (let round = 0; round < 3; round += 1) {
      const { notebook } = sent(transport, backend);
      await notebook.over.promise;
      expect(notebook.events).toEqual(["head", "data", "end"]);
      expect(notebook.status).toBe(200);
      expect(notebook.text).toBe("{}");
      await rest();
    }
    expect(engine.connections).toBe(1);
    expect(engine.requests[0]).toMatch(/^POST \/v1\/chat\/completions HTTP\/1.1\r\n/);
  });

  it("goes below the path prefix of the base URL", async () => {
    const { engine, transport } = await setup(make, (socket) => socket.write(OK));
    const { notebook } = sent(transport, backendAt(`${engine.url}/deep/er`));
    await notebook.over.promise;
    expect(engine.requests[0]).toMatch(/^POST \/deep\/er\/v1\/chat\/completions /);
  });

  it("ignores 1xx heads", async () => {
    const { transport, backend } = await setup(make, (socket) => socket.write(`HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n${OK}`));
    const { notebook } = sent(transport, backend);
    await notebook.over.promise;
    expect(notebook.events).toEqual(["head", "data", "end"]);
    expect(notebook.status).toBe(200);
  });
}

function clearances(make: OpenTransport): void {
  it("is demanded: a forged one throws and no connection is made", async () => {
    const { engine, transport, backend } = await setup(make, (socket) => socket.write(OK));
    const real = clearanceFor(backend);
    const copy: unknown = { ...real };
    const proxy: unknown = new Proxy(real, {});
    const heir: unknown = Object.create(real);
    for (const forged of [copy, proxy, heir, undefined, null]) {
      expect(Clearance.is(forged)).toBe(false);
      expect(() => Reflect.apply(transport.send, transport, [forged, POST, new Notebook()])).toThrow(TypeError);
    }
    await rest();
    expect(engine.connections).toBe(0);
  });

  it("names the only place: a path cannot be a URL", async () => {
    const { engine, transport, backend } = await setup(make, (socket) => socket.write(OK));
    const elsewhere = await ScriptedEngine.listen((socket) => socket.write(OK));
    open.push(elsewhere);
    expect(() => sent(transport, backend, { ...POST, path: `${elsewhere.url}/x` })).toThrow(TypeError);
    expect(elsewhere.connections + engine.connections).toBe(0);
  });
}

function breaks(make: OpenTransport): void {
  it("refused connection: unreachable, elsewhere, sick", async () => {
    const { engine, transport, backend } = await setup(make, () => undefined);
    await engine.close();
    const { notebook } = sent(transport, backend);
    expect(notebook.events).toEqual([]);
    await notebook.over.promise;
    expect(notebook.verdict).toBe("engine_unreachable elsewhere sick");
    expect(notebook.failure?.fault.detail).toContain("ECONNREFUSED");
  });

  it("TLS that is none: unreachable, elsewhere, sick", async () => {
    const { engine, transport } = await setup(make, () => undefined);
    const { notebook } = sent(transport, backendAt(engine.url.replace("http:", "https:")));
    await until(() => engine.connections === 1);
    engine.sockets[0]?.write("HTTP/1.1 400 Bad Request\r\n\r\n");
    await notebook.over.promise;
    expect(notebook.verdict).toBe("engine_unreachable elsewhere sick");
  });

  it("closed before the head on a new connection: failed, elsewhere, sick", async () => {
    const { transport, backend } = await setup(make, (socket) => socket.destroy());
    const { notebook } = sent(transport, backend);
    await notebook.over.promise;
    expect(notebook.verdict).toBe("engine_failed elsewhere sick");
  });

  it("reset within the body: failed, elsewhere, after the bytes that came", async () => {
    const { transport, backend } = await setup(make, (socket) => {
      socket.write(`${CHUNKED}3\r\nabc\r\n`, () => setImmediate(() => socket.resetAndDestroy()));
    });
    const { notebook } = sent(transport, backend);
    await notebook.over.promise;
    expect(notebook.events).toEqual(["head", "data", "fail"]);
    expect(notebook.verdict).toBe("engine_failed elsewhere sick");
  });

  it("a body shorter than its content-length is no clean end", async () => {
    const { transport, backend } = await setup(make, (socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc"));
    const { notebook } = sent(transport, backend);
    await notebook.over.promise;
    expect(notebook.events.at(-1)).toBe("fail");
    expect(notebook.verdict).toBe("engine_failed elsewhere sick");
  });

  it("a chunked body without its last chunk is no clean end", async () => {
    const { transport, backend } = await setup(make, (socket) => socket.end(`${CHUNKED}3\r\nabc\r\n`));
    const { notebook } = sent(transport, backend);
    await notebook.over.promise;
    expect(notebook.verdict).toBe("engine_failed elsewhere sick");
  });

  it.each([301, 302, 307, 308])("%i is not followed", async (status) => {
    const elsewhere = await ScriptedEngine.listen((socket) => socket.write(OK));
    open.push(elsewhere);
    const { engine, transport, backend } = await setup(make, (socket) =>
      socket.write(`HTTP/1.1 ${String(status)} Moved\r\nlocation: ${elsewhere.url}/\r\ncontent-length: 0\r\n\r\n`),
    );
    const { notebook } = sent(transport, backend);
    await notebook.over.promise;
    expect(notebook.events).toEqual(["fail"]);
    expect(notebook.verdict).toBe("engine_failed elsewhere sick");
    expect(elsewhere.connections).toBe(0);
    expect(engine.requests.length).toBe(1);
  });

  it("a giant head is cut off", async () => {
    const { transport, backend } = await setup(make, (socket) =>
      socket.write(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(BOUNDS.replyHeaderBytesMax)}\r\ncontent-length: 0\r\n\r\n`),
    );
    const { notebook } = sent(transport, backend);
    await notebook.over.promise;
    expect(notebook.events).toEqual(["fail"]);
    expect(notebook.failure?.fault.detail).toContain("OVERFLOW");
  });

  it("what is not HTTP fails", async () => {
    const { transport, backend } = await setup(make, (socket) => socket.write("SSH-2.0-OpenSSH\r\n\r\n"));
    const { notebook } = sent(transport, backend);
    await notebook.over.promise;
    expect(notebook.verdict).toBe("engine_failed elsewhere sick");
  });

  it("a listener that throws is our fault, told once, and the engine is let go", async () => {
    const { engine, transport, backend } = await setup(make, (socket) => socket.write(`${CHUNKED}3\r\nabc\r\n`));
    const notebook = new Notebook();
    notebook.onData = () => {
      throw new Error("bug");
    };
    transport.send(clearanceFor(backend), POST, notebook);
    await notebook.over.promise;
    expect(notebook.verdict).toBe("internal");
    await until(() => engine.sockets[0]?.destroyed === true);
  });
}

function cancels(make: OpenTransport): void {
  it("closes the engine's socket within 250 ms and is the last word", async () => {
    const { engine, transport, backend } = await setup(make, (socket) => {
      socket.write(`${CHUNKED}3\r\nabc\r\n`);
    });
    const { notebook, upstream } = sent(transport, backend);
    await notebook.begun.promise;
    const started = performance.now();
    upstream.cancel();
    const said = notebook.events.length;
    await until(() => engine.sockets[0]?.destroyed === true);
    expect(performance.now() - started).toBeLessThan(250);
    upstream.cancel();
    expect(notebook.events.length).toBe(said);
    expect(notebook.events).not.toContain("fail");
  });

  it("before the head closes the socket too", async () => {
    const { engine, transport, backend } = await setup(make, () => undefined);
    const { notebook, upstream } = sent(transport, backend);
    await until(() => engine.requests.length === 1);
    upstream.cancel();
    await until(() => engine.sockets[0]?.destroyed === true);
    expect(notebook.events).toEqual([]);
  });

  it("from within data stops at that chunk", async () => {
    const { engine, transport, backend } = await setup(make, (socket) => {
      socket.write(CHUNKED);
      const drip = (): void => void (socket.destroyed || socket.write("3\r\nabc\r\n", () => setImmediate(drip)));
      drip();
    });
    const notebook = new Notebook();
    const upstream = transport.send(clearanceFor(backend), POST, notebook);
    notebook.onData = () => upstream.cancel();
    await until(() => engine.sockets[0]?.destroyed === true);
    expect(notebook.events).toEqual(["head", "data"]);
  });
}

function pauses(make: OpenTransport): void {
  it("stops the bytes, resume brings the rest", async () => {
    const { engine, transport, backend } = await setup(make, (socket) => {
      socket.write(`${CHUNKED}3\r\nabc\r\n`);
    });
    const notebook = new Notebook();
    const upstream = transport.send(clearanceFor(backend), POST, notebook);
    notebook.onData = () => upstream.pause();
    await until(() => notebook.text === "abc");
    engine.sockets[0]?.write("3\r\ndef\r\n0\r\n\r\n");
    for (let turn = 0; turn < 5; turn += 1) await rest();
    expect(notebook.text).toBe("abc");
    notebook.onData = undefined;
    upstream.resume();
    await notebook.over.promise;
    expect(notebook.text).toBe("abcdef");
    expect(notebook.events.at(-1)).toBe("end");
  });

  it("within the head holds what came with it", async () => {
    const { transport, backend } = await setup(make, (socket) => socket.write(OK));
    const notebook = new Notebook();
    const upstream = transport.send(clearanceFor(backend), POST, notebook);
    notebook.onHead = () => upstream.pause();
    await notebook.begun.promise;
    for (let turn = 0; turn < 5; turn += 1) await rest();
    expect(notebook.events).toEqual(["head"]);
    upstream.resume();
    await notebook.over.promise;
    expect(notebook.events).toEqual(["head", "data", "end"]);
  });
}

export function transportContract(make: OpenTransport): void {
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
  });
  describe("contract: an answer", () => answers(make));
  describe("contract: the clearance", () => clearances(make));
  describe("contract: what breaks", () => breaks(make));
  describe("contract: cancel", () => cancels(make));
  describe("contract: pause", () => pauses(make));
}
