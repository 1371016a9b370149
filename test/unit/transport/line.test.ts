import { afterEach, describe, expect, it } from "vitest";
import { Attempt } from "../../../src/transport/attempt.ts";
import { INFERENCE_LIMITS } from "../../../src/transport/limits.ts";
import { Line } from "../../../src/transport/line.ts";
import { backendAt, Notebook, OK, POST, rest, ScriptedEngine, until } from "./support.ts";

const open: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close();
});

async function lineTo(script: Parameters<typeof ScriptedEngine.listen>[0], { connections = 2, path = "" } = {}) {
  const engine = await ScriptedEngine.listen(script);
  const line = new Line(backendAt(`${engine.url}${path}`), connections);
  open.push(
    () => engine.close(),
    () => line.destroy(),
  );
  return { engine, line };
}

function dispatched(line: Line) {
  const notebook = new Notebook();
  const attempt = new Attempt({ listener: notebook, limits: INFERENCE_LIMITS, roster: new Set(), startedMs: 0 });
  line.dispatch(POST, attempt, 0);
  return { notebook, attempt };
}

describe("a line", () => {
  it.each([
    ["", "POST /v1/chat/completions "],
    ["/", "POST /v1/chat/completions "],
    ["/deep/er/", "POST /deep/er/v1/chat/completions "],
  ])("puts the base URL's path %j before every path", async (path, written) => {
    const { engine, line } = await lineTo((socket) => socket.write(OK), { path });
    await dispatched(line).notebook.over.promise;
    expect(engine.requests[0]?.startsWith(written)).toBe(true);
  });

  it.each(["ftp://gpu.test", "unix:///run/x", "gpu:8000"])("leads nowhere at %s", (url) => {
    expect(() => new Line(backendAt(url), 1)).toThrow(TypeError);
  });

  it("uses the connection again that was used last, and opens no more than it may", async () => {
    const { engine, line } = await lineTo((socket) => socket.write(OK));
    for (let nth = 0; nth < 4; nth += 1) {
      await dispatched(line).notebook.over.promise;
      await rest();
    }
    expect(engine.connections).toBe(1);
    await Promise.all([1, 2, 3, 4].map(() => dispatched(line).notebook.over.promise));
    expect(engine.connections).toBe(2);
  });

  it("is crowded when as many wait as run, and not when one has ended", async () => {
    const { engine, line } = await lineTo(() => undefined, { connections: 1 });
    const first = dispatched(line);
    expect(line.crowded).toBe(false);
    const second = dispatched(line);
    expect(line.crowded).toBe(true);
    await until(() => engine.requests.length === 1);
    engine.sockets[0]?.write(OK);
    await first.notebook.over.promise;
    expect(line.crowded).toBe(false);
    await until(() => engine.requests.length === 2);
    engine.sockets.at(-1)?.write(OK);
    await second.notebook.over.promise;
  });

  it("passes over whoever left while waiting", async () => {
    const { engine, line } = await lineTo((socket) => socket.write(OK), { connections: 1 });
    const [first, left, last] = [dispatched(line), dispatched(line), dispatched(line)];
    left.attempt.cancel();
    await last.notebook.over.promise;
    expect([first.notebook.status, last.notebook.status, left.notebook.events]).toEqual([200, 200, []]);
    expect(engine.requests).toHaveLength(2);
  });

  it("that retires lets what runs end, and begins nothing", async () => {
    const { engine, line } = await lineTo(() => undefined, { connections: 1 });
    const [running, waiting] = [dispatched(line), dispatched(line)];
    await until(() => engine.requests.length === 1);
    const retired = line.retire();
    engine.sockets[0]?.write(OK);
    await running.notebook.over.promise;
    await waiting.notebook.over.promise;
    await retired;
    expect([running.notebook.events.at(-1), waiting.notebook.events]).toEqual(["end", ["fail"]]);
    expect(waiting.notebook.failure?.sick).toBe(false);
    expect(engine.requests).toHaveLength(1);
  });

  it("that is destroyed fails what runs", async () => {
    const { engine, line } = await lineTo(() => undefined);
    const { notebook } = dispatched(line);
    await until(() => engine.requests.length === 1);
    line.destroy();
    await notebook.over.promise;
    expect(notebook.events).toEqual(["fail"]);
  });
});
