import { describe, expect, it, onTestFinished } from "vitest";
import { destinationOf, dial, TlsSessions } from "../../../src/transport/dial.ts";
import { ScriptedEngine, until } from "./support.ts";

describe("a destination", () => {
  it.each([
    ["http://gpu.test", { secure: false, hostname: "gpu.test", port: 80, host: "gpu.test" }],
    ["https://gpu.test/v1", { secure: true, hostname: "gpu.test", port: 443, host: "gpu.test" }],
    ["http://10.0.0.1:8000", { secure: false, hostname: "10.0.0.1", port: 8000, host: "10.0.0.1:8000" }],
    ["http://[::1]:8000", { secure: false, hostname: "::1", port: 8000, host: "[::1]:8000" }],
  ])("is read from %s", (url, destination) => {
    expect(destinationOf(new URL(url))).toEqual(destination);
  });

  it.each(["ftp://gpu.test", "ws://gpu.test"])("is none at %s", (url) => {
    expect(() => destinationOf(new URL(url))).toThrow(TypeError);
  });
});

describe("a dialled socket", () => {
  it("hands over what it reads, and reads no more while paused", async () => {
    const engine = await ScriptedEngine.listen(() => undefined);
    onTestFinished(() => engine.close());
    let text = "";
    const socket = dial(destinationOf(new URL(engine.url)), (bytes) => (text += bytes.toString("latin1")), new TlsSessions());
    onTestFinished(() => void socket.destroy());
    await until(() => engine.sockets.length === 1);
    engine.sockets[0]?.write("abc");
    await until(() => text === "abc");
    socket.pause();
    engine.sockets[0]?.write("def");
    await new Promise((later) => setTimeout(later, 20));
    expect(text).toBe("abc");
    socket.resume();
    await until(() => text === "abcdef");
  });
});
