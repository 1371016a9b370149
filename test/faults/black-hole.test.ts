/** Hosts that swallow what is sent to them: connections that nobody takes, and ones that are taken and never answered. */
import { connect, type Socket } from "node:net";
import { type ChildProcess, spawn } from "node:child_process";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BOUNDS } from "../../src/bounds.ts";
import { errorOf } from "../edge/support/raw.ts";
import { until } from "../edge/support/until.ts";
import { ask, textOf } from "./support/ask.ts";
import { FaultyFleet } from "./support/fleet.ts";

/** Listens with the shortest queue there is, and is then frozen: soon the kernel takes no more connections for it. */
const LISTENER = `require("net").createServer().listen({port:0,host:"127.0.0.1",backlog:1},function(){console.log(this.address().port)})`;
const DEADLINES = { firstByteMs: 8_000, betweenBytesMs: 8_000, totalMs: 9_500 };

let child: ChildProcess;
let fleet: FaultyFleet;
const fillers: Socket[] = [];

beforeAll(async () => {
  child = spawn(process.execPath, ["-e", LISTENER], { stdio: ["ignore", "pipe", "inherit"] });
  let port = 0;
  child.stdout?.on("data", (chunk: Buffer) => (port = Number(chunk.toString())));
  await until("the hole listens", () => port > 0);
  child.kill("SIGSTOP");
  for (let at = 0; at < 4; at += 1) fillers.push(connect(port, "127.0.0.1").on("error", () => undefined));
  await new Promise((resolve) => setTimeout(resolve, 200));
  const url = `http://127.0.0.1:${String(port)}`;
  fleet = await FaultyFleet.start({
    places: [
      { model: "alone", urls: [url], spare: false },
      { model: "spared", urls: [url], spare: true },
    ],
    deadlines: DEADLINES,
  });
});

afterAll(async () => {
  await fleet.stop();
  for (const filler of fillers) filler.destroy();
  child.kill("SIGKILL");
  fleet.remove();
});

describe.skipIf(process.platform !== "linux")("a host that takes no connection", () => {
  it("is given up after the time that a connection may take, and another answers", async () => {
    const [alone, spared] = await Promise.all([
      ask({ port: fleet.port, model: "alone" }),
      ask({ port: fleet.port, model: "spared", stream: true }),
    ]);
    expect([alone.status, errorOf(alone)?.["code"]]).toEqual([502, "engine_unreachable"]);
    expect([spared.status, textOf(spared)]).toEqual([200, "hello there"]);
    for (const { tookMs } of [alone, spared]) {
      expect(tookMs).toBeGreaterThan(BOUNDS.connectMsMax - 200);
      expect(tookMs).toBeLessThan(BOUNDS.connectMsMax + 1_500);
    }
  });

  it("is down for the next ones, who do not wait at all", async () => {
    await until("its probes have failed", () => fleet.routing.snapshot().filter(({ up }) => !up).length === 2, 6_000);
    const answer = await ask({ port: fleet.port, model: "spared" });
    expect([answer.status, textOf(answer)]).toEqual([200, "hello there"]);
    expect(answer.tookMs).toBeLessThan(2_500);
    expect(fleet.trespasses).toEqual([]);
  });
});
