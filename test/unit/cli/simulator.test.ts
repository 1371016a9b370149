import { afterEach, describe, expect, it } from "vitest";
import { simulate } from "../../../src/cli/simulator.ts";
import { ask, ManualClock } from "../simulator/support.ts";

const started: { stop(): Promise<void> }[] = [];
afterEach(() => Promise.all(started.splice(0).map((one) => one.stop())));

async function run(...args: string[]) {
  const said = { out: "", err: "" };
  const io = { clock: new ManualClock(), out: (text: string) => (said.out += text), err: (text: string) => (said.err += text) };
  const simulator = await simulate(args, io);
  if (simulator !== undefined) started.push(simulator);
  return said;
}

describe("simulate", () => {
  it.each([
    ["vllm", "/v1/models"],
    ["vllm-pooling", "/v1/models"],
    ["triton", "/v2/models/m/ready"],
  ])("starts %s and says where in one line of JSON", async (engine, path) => {
    const { out, err } = await run("--engine", engine, "--model", "m", "--model", "n");
    expect([out.trim().split("\n").length, err]).toEqual([1, ""]);
    const line = JSON.parse(out);
    expect(line).toEqual({ engine, port: Number(new URL(line.url).port), url: line.url, models: ["m", "n"] });
    expect((await ask(line.url + path)).status).toBe(200);
  });

  it("wants the key it was given", async () => {
    const { out } = await run("--api-key", "k");
    expect((await ask(`${JSON.parse(out).url}/v1/models`)).status).toBe(401);
  });

  it.each([[["--engine", "other"]], [["--port", "x"]], [["--colour", "red"]], [["stray"]], [["--seed", "-1"]]])(
    "does not understand %j, and says what it does",
    async (args) => {
      const { out, err } = await run(...args);
      expect([out, err]).toEqual(["", expect.stringContaining("usage: node src/simulator/main.ts")]);
    },
  );
});
