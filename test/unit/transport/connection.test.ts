import { afterEach, describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { Attempt } from "../../../src/transport/attempt.ts";
import { Connection, type Keeper } from "../../../src/transport/connection.ts";
import { destinationOf, TlsSessions } from "../../../src/transport/dial.ts";
import { INFERENCE_LIMITS } from "../../../src/transport/limits.ts";
import { wireRequest } from "../../../src/transport/request-head.ts";
import { WireError } from "../../../src/transport/wire-error.ts";
import { Notebook, OK, POST, rest, ScriptedEngine, until } from "./support.ts";

const open: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

/** Writes down what becomes of a connection. */
class Ledger implements Keeper {
  readonly told: string[] = [];

  gone(): void {
    this.told.push("gone");
  }

  freed(): void {
    this.told.push("freed");
  }
}

async function connectedTo(script: Parameters<typeof ScriptedEngine.listen>[0]) {
  const engine = await ScriptedEngine.listen(script);
  const keeper = new Ledger();
  const destination = destinationOf(new URL(engine.url));
  const connection = new Connection({ destination, sessions: new TlsSessions(), keeper, nowMs: 0 });
  open.push(
    () => engine.close(),
    () => connection.close(new WireError("WIRE_RETIRED", "the test is over")),
  );
  const carry = (outbound = POST) => {
    const notebook = new Notebook();
    const attempt = new Attempt({ listener: notebook, limits: INFERENCE_LIMITS, roster: new Set(), startedMs: 0 });
    connection.carry(wireRequest({ host: destination.host, prefix: "" }, outbound), attempt);
    return { notebook, attempt };
  };
  return { engine, keeper, connection, carry };
}

describe("a connection", () => {
  it("carries one exchange after the other", async () => {
    const { engine, keeper, connection, carry } = await connectedTo((socket) => socket.write(OK));
    for (let nth = 0; nth < 3; nth += 1) {
      const { notebook } = carry();
      await notebook.over.promise;
      expect(notebook.events).toEqual(["head", "data", "end"]);
    }
    expect([keeper.told, connection.alive, engine.connections]).toEqual([["freed", "freed", "freed"], true, 1]);
  });

  it("is freed before its listener hears of the end", async () => {
    const { keeper, carry } = await connectedTo((socket) => socket.write(OK));
    const { notebook } = carry();
    const seen: string[][] = [];
    notebook.end = () => void (seen.push([...keeper.told]), notebook.over.resolve());
    await notebook.over.promise;
    expect(seen).toEqual([["freed"]]);
  });

  it("writes nothing for whoever left before it was made", async () => {
    const { engine, keeper, connection, carry } = await connectedTo((socket) => socket.write(OK));
    carry().attempt.cancel();
    await until(() => keeper.told.length === 1);
    await rest();
    expect([connection.alive, engine.requests.length]).toEqual([true, 0]);
  });
});

describe("nobody else may have a connection", () => {
  it.each([
    ["that brought more than an answer", `${OK}HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged`],
    ["that the engine will close", OK.replace("content-length", "connection: close\r\ncontent-length")],
    ["that speaks HTTP/1.0", OK.replace("HTTP/1.1", "HTTP/1.0")],
  ])("%s, though the answer itself is good", async (_, answer) => {
    const { keeper, connection, carry } = await connectedTo((socket) => socket.write(answer));
    const { notebook } = carry();
    await notebook.over.promise;
    expect([notebook.events, notebook.text]).toEqual([["head", "data", "end"], "{}"]);
    expect([keeper.told, connection.alive]).toEqual([["gone", "freed"], false]);
  });

  it("that answered before it had read the whole request: it is closed before the end is told", async () => {
    const { engine, connection, carry } = await connectedTo(() => undefined);
    const pieces = Array.from({ length: 64 }, () => Buffer.alloc(256 * 1024, 120));
    const { notebook } = carry({ ...POST, body: undefined, pieces });
    const alive: boolean[] = [];
    notebook.end = () => void (alive.push(connection.alive), notebook.over.resolve());
    await until(() => engine.sockets[0] !== undefined);
    engine.sockets[0]?.pause();
    engine.sockets[0]?.write(OK);
    await notebook.over.promise;
    expect(alive).toEqual([false]);
  });

  it("that says something unasked while it rests", async () => {
    const { engine, keeper, connection, carry } = await connectedTo((socket) => socket.write(OK));
    await carry().notebook.over.promise;
    engine.sockets[0]?.write(OK);
    await until(() => !connection.alive);
    expect(keeper.told).toEqual(["freed", "gone"]);
  });
});

describe("an answer that ends with the connection", () => {
  it("is whole then", async () => {
    const { carry } = await connectedTo((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nabc"));
    const { notebook } = carry();
    await notebook.over.promise;
    expect([notebook.events, notebook.text]).toEqual([["head", "data", "end"], "abc"]);
  });

  it("is not lost while it is paused", async () => {
    const { carry, engine } = await connectedTo((socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nabc"));
    const { notebook, attempt } = carry();
    notebook.onHead = () => attempt.pause();
    await notebook.begun.promise;
    await until(() => engine.sockets[0]?.writableFinished === true);
    for (let turn = 0; turn < 5; turn += 1) await rest();
    expect(notebook.text).toBe("");
    attempt.resume();
    await notebook.over.promise;
    expect([notebook.events, notebook.text]).toEqual([["head", "data", "end"], "abc"]);
  });
});

describe("time", () => {
  it("lets an idle connection go, not one that carries something", async () => {
    const { connection, carry } = await connectedTo((socket, nth) => nth === 1 && socket.write(OK));
    await carry().notebook.over.promise;
    connection.rest(1_000);
    connection.sweep(1_000 + BOUNDS.upstreamIdleMs);
    expect(connection.alive).toBe(true);
    carry();
    connection.sweep(1_000 + BOUNDS.upstreamIdleMs * 2);
    expect(connection.alive).toBe(true);
  });

  it("is up for an idle one after its bound", async () => {
    const { connection, carry } = await connectedTo((socket) => socket.write(OK));
    await carry().notebook.over.promise;
    connection.rest(1_000);
    connection.sweep(1_001 + BOUNDS.upstreamIdleMs);
    expect(connection.alive).toBe(false);
  });

  it("is up earlier when the engine says so", async () => {
    const { connection, carry } = await connectedTo((socket) =>
      socket.write(OK.replace("content-length", "keep-alive: timeout=3\r\ncontent-length")),
    );
    await carry().notebook.over.promise;
    connection.rest(1_000);
    connection.sweep(1_000 + 2_000);
    expect(connection.alive).toBe(true);
    connection.sweep(1_000 + 2_001);
    expect(connection.alive).toBe(false);
  });

  it("is up for a dial that leads nowhere", () => {
    const keeper = new Ledger();

    const connection = new Connection({
      destination: { secure: false, hostname: "127.0.0.1", port: 9, host: "x" },
      sessions: new TlsSessions(),
      keeper,
      nowMs: 0,
    });
    const notebook = new Notebook();
    const attempt = new Attempt({ listener: notebook, limits: INFERENCE_LIMITS, roster: new Set(), startedMs: 0 });
    connection.carry(wireRequest({ host: "x", prefix: "" }, POST), attempt);
    connection.sweep(BOUNDS.connectMsMax);
    expect(connection.alive).toBe(true);
    connection.sweep(BOUNDS.connectMsMax + 1);
    expect([keeper.told, notebook.verdict]).toEqual([["gone", "freed"], "engine_unreachable elsewhere sick"]);
  });
});
