import { buildConnector } from "undici";
import { expect, it, onTestFinished } from "vitest";
import { Attempt } from "../../../src/transport/attempt.ts";
import { INFERENCE_LIMITS } from "../../../src/transport/limits.ts";
import { Track } from "../../../src/transport/track.ts";
import { Notebook, OK, rest, ScriptedEngine } from "./support.ts";

it("tells a new connection from a used one, once each, and says when it is free", async () => {
  const engine = await ScriptedEngine.listen((socket) => socket.write(OK));
  onTestFinished(() => engine.close());
  const freed: number[] = [];
  const fresh: boolean[] = [];
  const track = new Track(engine.url, buildConnector({}), () => void freed.push(engine.requests.length));
  onTestFinished(() => track.client.destroy());

  for (let nth = 0; nth < 2; nth += 1) {
    const notebook = new Notebook();
    const attempt = new Attempt({ listener: notebook, limits: INFERENCE_LIMITS, roster: new Set(), startedMs: 0 });
    attempt.carriedBy({
      takeFresh: () => {
        fresh.push(track.takeFresh());
        return fresh.at(-1) === true;
      },
      released: () => track.released(),
    });
    track.client.dispatch({ path: "/", method: "GET" }, attempt);
    await notebook.over.promise;
    await rest();
  }
  expect(fresh).toEqual([true, false]);
  expect(track.takeFresh()).toBe(false);
  expect(freed).toEqual([1, 2]);
  expect(engine.connections).toBe(1);
});
