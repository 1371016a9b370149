/** #30: callers that send slowly, read slowly, or only hold connections. Each has its bound, and everybody else is served meanwhile. */
import { connect, type Socket } from "node:net";
import type { ServerResponse } from "node:http";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { bearer, errorOf, raw, request } from "../edge/support/raw.ts";
import { until } from "../edge/support/until.ts";
import { chunk } from "./support/engine.ts";
import { HOSTS, KEYS } from "./support/estate.ts";
import { chat, JSON_TYPE, Siege, type Terms } from "./support/siege.ts";
import { Sluggard } from "./support/sluggard.ts";

const MIB = 1024 * 1024;
const TERMS: Terms = { headersReadMsMax: 500, bodyReadMsMax: 1_000, callerStallMsMax: 2_000, connectionsPerAddressMax: 600 };
/** Node looks for late callers only so often. */
const LATE_MS = 3 * TERMS.bodyReadMsMax;
const SERVED_MS_MAX = 3_000;
/** … and so does the gateway for those who take nothing. */
const STALLED_MS = 2 * TERMS.callerStallMsMax;

let siege: Siege;
beforeAll(async () => void (siege = await Siege.lay({ terms: TERMS })), 40_000);
afterAll(() => siege.lift());
afterEach(async () => {
  for (const sluggard of sluggards.splice(0)) sluggard.close();
  siege.heal();
  await until("all are settled", async () => (await siege.holdsOpen()) === 0, BUSY_MS);
});

/** A busy machine may take so long for what a quiet one does in one or two seconds. */
const BUSY_MS = 30_000;
const sluggards: Sluggard[] = [];

function sluggish(request: Buffer): Sluggard {
  const sluggard = new Sluggard(siege.port, request);
  sluggards.push(sluggard);
  return sluggard;
}

const STREAM = (): Buffer => request({ ...chat({ more: { stream: true, max_tokens: 20_000 } }) });

/** On loopback the kernel takes some megabytes of a stream before its sender notices that nobody reads: only so many get more than that. */
const TORRENTS = 60;
/** Of one stream, on its way through two connections. */
const KERNEL_BYTES_MAX = 20 * MIB;
const SOME_FRAMES = 4;

/** An engine that never stops talking to the first few, and says something to all others and falls silent. */
class Torrent {
  readonly pouring = new Set<ServerResponse>();
  streams = 0;
  /** That it could get rid of. */
  bytes = 0;

  readonly script = (response: ServerResponse): void => {
    const endless = this.streams < TORRENTS;
    this.streams += 1;
    response.writeHead(200, { "content-type": "text/event-stream" });
    if (!endless) return void response.write(FRAME.repeat(SOME_FRAMES));
    this.pouring.add(response);
    response.on("close", () => this.pouring.delete(response));
    const pour = (): void => {
      while (!response.destroyed) {
        this.bytes += FRAME.length;
        if (!response.write(FRAME)) return void response.once("drain", pour);
      }
    };
    pour();
  };
}

const FRAME = chunk({ content: "x".repeat(16_000) });

async function comesToRest(count: () => number): Promise<void> {
  let last = -1;
  await until(
    "nothing flows any more",
    async () => {
      const before = last;
      last = count();
      await new Promise((resolve) => setTimeout(resolve, 250));
      return count() === last && last === before;
    },
    BUSY_MS,
  );
}

describe("#30 500 callers that read a byte a second", () => {
  it("hold up their engines and nobody else, in bounded memory, and are cut when they have stood still long enough", async () => {
    const before = siege.gateway.rssBytes ?? 0;
    const torrent = new Torrent();
    siege.home.script = torrent.script;
    for (let at = 0; at < 500; at += 1) sluggish(STREAM());
    await until("all stream", () => torrent.streams === sluggards.length, BUSY_MS);
    await comesToRest(() => torrent.bytes);
    expect(torrent.bytes).toBeLessThan(TORRENTS * KERNEL_BYTES_MAX);
    expect(await siege.holdsOpen()).toBeGreaterThanOrEqual(500 - TORRENTS); // on a busy machine the first have stood still long enough
    siege.heal();
    const took = [];
    for (let at = 0; at < 10; at += 1) took.push((await siege.ask(chat())).tookMs);
    expect(Math.max(...took)).toBeLessThan(SERVED_MS_MAX);
    expect((siege.gateway.rssBytes ?? 0) - before).toBeLessThan(250 * MIB);
    await until("those with too much waiting are cut", () => torrent.pouring.size === 0, BUSY_MS);
    expect(await siege.holdsOpen()).toBe(500 - TORRENTS);
    expect(sluggards.every(({ read }) => read > 0 && read < 60)).toBe(true);
  }, 60_000);

  it("and one that reads on is not cut, however long its stream", async () => {
    const torrent = new Torrent();
    siege.home.script = torrent.script;
    const socket = connect(siege.port, "127.0.0.1");
    let bytes = 0;
    socket.on("data", (data: Buffer) => {
      bytes += data.length;
      socket.pause();
      setTimeout(() => socket.resume(), 50);
    });
    socket.write(STREAM());
    await new Promise((resolve) => setTimeout(resolve, 2.5 * TERMS.callerStallMsMax));
    siege.heal();
    expect([socket.destroyed, torrent.pouring.size]).toEqual([false, 1]);
    expect(bytes).toBeGreaterThan(MIB);
    socket.destroy();
    await until("its engine is free", () => torrent.pouring.size === 0, BUSY_MS);
  }, 60_000);

  it("a whole answer that nobody takes is let go as well", async () => {
    const text = "y".repeat(24 * MIB);
    siege.home.script = (response) => {
      const choices = [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }];
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify({ id: "x", object: "chat.completion", created: 1, model: "weights", choices }));
    };
    const [before, asked] = [siege.gateway.rssBytes ?? 0, siege.home.asked.length];
    const sluggard = sluggish(request(chat()));
    await until("the engine has answered", async () => siege.home.asked.length > asked && (await siege.holdsOpen()) === 0, BUSY_MS);
    await new Promise((resolve) => setTimeout(resolve, STALLED_MS));
    siege.heal();
    expect(await sluggard.wake()).toBeLessThan(text.length);
    expect((siege.gateway.rssBytes ?? 0) - before).toBeLessThan(200 * MIB);
  });

  it("nor do thousands of refusals wait for somebody who does not read", async () => {
    const before = siege.gateway.rssBytes ?? 0;
    const bad = Buffer.from("GET /v1/nothing HTTP/1.1\r\nhost: alpha.test\r\n\r\n".repeat(50_000));
    const sluggard = sluggish(bad);
    await comesToRest(() => siege.gateway.output.length); // each refusal has a line in the log
    await new Promise((resolve) => setTimeout(resolve, STALLED_MS));
    expect(await sluggard.wake()).toBeLessThan(50_000 * 100); // each refusal has more bytes than that
    expect((siege.gateway.rssBytes ?? 0) - before).toBeLessThan(100 * MIB);
  }, 60_000);
});

describe("#30 a caller that sends", () => {
  it("half a head gets 408", async () => {
    const answer = await siege.send("GET /v1/models HTTP/1.1\r\nhost: alpha.test\r\n");
    expect([answer.status, errorOf(answer)?.["code"]]).toEqual([408, "request_timeout"]);
    expect(answer.tookMs).toBeLessThan(LATE_MS);
  });

  it("a head byte by byte gets 408", async () => {
    const pieces = Array.from(`GET /v1/models HTTP/1.1\r\nhost: alpha.test\r\n${"x-a: 1\r\n".repeat(50)}`);
    expect(await raw({ port: siege.port, pieces, pauseMs: 10 })).toMatchObject({ status: 408 });
  });

  it("a body byte by byte gets 408, in chunks too", async () => {
    for (const [head, piece] of [
      ["content-length: 5000", "x"],
      ["transfer-encoding: chunked", "1\r\nx\r\n"],
    ] as const) {
      const pieces = [request({ ...chat({ headers: [head] }), body: "" }), ...Array.from({ length: 300 }, () => piece)];
      const answer = await raw({ port: siege.port, pieces, pauseMs: 20 });
      expect([answer.status, errorOf(answer)?.["code"]]).toEqual([408, "request_timeout"]);
      expect(answer.tookMs).toBeLessThan(LATE_MS);
    }
    expect(await siege.holdsOpen()).toBe(0);
  });

  it("nothing at all is let go, 300 at a time, and others are served", async () => {
    const silent = await Promise.all(Array.from({ length: 300 }, () => opened(siege.port)));
    expect((await siege.ask({ headers: [bearer(KEYS.alpha), JSON_TYPE], host: HOSTS.alpha })).status).toBe(200);
    await until("all are let go", () => silent.every(({ destroyed, readyState }) => destroyed || readyState !== "open"), LATE_MS);
  });
});

describe("#30 connections", () => {
  it("of one address have a bound; others come in", async () => {
    const many = await Promise.all(Array.from({ length: TERMS.connectionsPerAddressMax }, () => opened(siege.port, "127.0.3.1")));
    const above = await raw({
      port: siege.port,
      pieces: [request({ method: "GET", path: "/healthz", host: HOSTS.alpha })],
      from: "127.0.3.1",
    });
    expect(above.bytes).toBe("");
    expect((await siege.ask({}, "127.0.3.2")).status).toBe(200);
    for (const socket of many) socket.destroy();
    await until("they are forgotten", async () => (await siege.ask({}, "127.0.3.1").catch(() => ({ status: 0 }))).status === 200);
  });
});

function opened(port: number, from = "127.0.0.1"): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", localAddress: from }, () => resolve(socket));
    socket.on("error", reject).resume();
  });
}
