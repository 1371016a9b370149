import { afterEach, describe, expect, it } from "vitest";
import { NodeTransport } from "../../../src/transport/node.ts";
import { transportContract } from "../../contract/transport.ts";
import { backendAt, clearanceFor, Notebook, OK, POST, rest, ScriptedEngine, StandingClock, until } from "./support.ts";

const open: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const each of open.splice(0).reverse()) await each.close();
});

async function setup(script: Parameters<typeof ScriptedEngine.listen>[0]) {
  const engine = await ScriptedEngine.listen(script);
  const clock = new StandingClock();
  const transport = new NodeTransport({ clock });
  open.push(engine, transport);
  return { engine, clock, transport, backend: backendAt(engine.url) };
}

function sent(transport: NodeTransport, backend = backendAt("http://127.0.0.1:9"), outbound = POST) {
  const notebook = new Notebook();
  const upstream = transport.send(clearanceFor(backend), outbound, notebook);
  return { notebook, upstream };
}

transportContract((clock) => new NodeTransport({ clock }));

describe("connections", () => {
  it("keeps one connection per exchange and no more than the backend takes", async () => {
    const { engine, transport } = await setup(() => undefined);
    const backend = backendAt(engine.url, { concurrencyMax: 2 });
    const exchanges = Array.from({ length: 5 }, () => sent(transport, backend));
    await until(() => engine.requests.length === 2);
    await exchanges[4]?.notebook.over.promise;
    expect(exchanges.map(({ notebook }) => notebook.verdict)).toEqual(["none", "none", "none", "none", "engine_overloaded elsewhere"]);
    expect(engine.connections).toBe(2);
  });

  it("closed before any byte on a reused connection: unreachable, elsewhere, not sick", async () => {
    const { transport, backend } = await setup((socket, nth) => (nth === 1 ? socket.write(OK) : socket.resetAndDestroy()));
    await sent(transport, backend).notebook.over.promise;
    await rest();
    const { notebook } = sent(transport, backend);
    await notebook.over.promise;
    expect(notebook.verdict).toBe("engine_unreachable elsewhere");
  });

  it("closed within the head on a reused connection: failed, elsewhere, sick", async () => {
    const { transport, backend } = await setup((socket, nth) => (nth === 1 ? socket.write(OK) : socket.end("HTTP/1.1 200 OK\r\ncontent-")));
    await sent(transport, backend).notebook.over.promise;
    await rest();
    const { notebook } = sent(transport, backend);
    await notebook.over.promise;
    expect(notebook.verdict).toBe("engine_failed elsewhere sick");
    expect(notebook.failure?.fault.detail).toContain("within the head");
  });

  it("a connection that the engine closed while idle is replaced, unnoticed", async () => {
    const { engine, transport, backend } = await setup((socket, nth) => {
      socket.write(OK);
      if (nth === 1) socket.end();
    });
    await sent(transport, backend).notebook.over.promise;
    await rest();
    await until(() => engine.sockets[0]?.destroyed === true);
    const { notebook } = sent(transport, backend);
    await notebook.over.promise;
    expect(notebook.events).toEqual(["head", "data", "end"]);
    expect(engine.connections).toBe(2);
  });

  it("a header that cannot be written fails after send has returned", async () => {
    const { engine, transport, backend } = await setup((socket) => socket.write(OK));
    const { notebook } = sent(transport, backend, { ...POST, headers: ["authorization", "Bearer a\nb"] });
    expect(notebook.events).toEqual([]);
    await notebook.over.promise;
    expect(notebook.verdict).toBe("internal");
    expect(engine.connections).toBe(0);
  });

  it("before a connection exists nothing of the request is ever written", async () => {
    const { engine, transport, backend } = await setup((socket) => socket.write(OK));
    const { notebook, upstream } = sent(transport, backend);
    upstream.cancel();
    const second = sent(transport, backend);
    await second.notebook.over.promise;
    expect(engine.requests.length).toBe(1);
    expect(notebook.events).toEqual([]);
  });
});

describe("close", () => {
  it("fails what runs, takes nothing more, and closes every socket", async () => {
    const { engine, clock, transport, backend } = await setup(() => undefined);
    const { notebook } = sent(transport, backend);
    await until(() => engine.requests.length === 1);
    await transport.close();
    expect(notebook.verdict).toBe("draining");
    const { notebook: late } = sent(transport, backend);
    await late.over.promise;
    expect(late.verdict).toBe("draining");
    await until(() => engine.sockets[0]?.destroyed === true);
    expect(clock.armed).toBe(0);
  });

  it("retain lets go of backends that are gone and keeps the others", async () => {
    const { engine, transport, backend } = await setup((socket) => socket.write(OK));
    await sent(transport, backend).notebook.over.promise;
    await rest();
    transport.retain(new Set([backend.id]));
    await sent(transport, backend).notebook.over.promise;
    await rest();
    expect(engine.connections).toBe(1);
    transport.retain(new Set());
    await until(() => engine.sockets[0]?.destroyed === true);
    await sent(transport, backend).notebook.over.promise;
    await rest();
    expect(engine.connections).toBe(2);
  });
});
