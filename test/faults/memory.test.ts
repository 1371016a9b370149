/** Engines that send without end: the gateway, a process of its own, holds no more of it than bounds say. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BOUNDS } from "../../src/bounds.ts";
import { GatewayProcess } from "../edge/support/gateway-process.ts";
import { bearer, errorOf, request } from "../edge/support/raw.ts";
import { until } from "../edge/support/until.ts";
import { chunk, delta, good, head, ROLE, STREAM_HEAD } from "./support/answers.ts";
import { ask, bodyOf, lastError } from "./support/ask.ts";
import { estate, HOST, KEY } from "./support/fleet.ts";
import { Scripted, type Script, type Turn } from "./support/scripted.ts";

const MIB = 1024 * 1024;
const ENDLESS_BYTES = 1024 * MIB;
const PIECE = Buffer.alloc(64 * 1024, "x");
/** What a busy heap may take beside what is held. */
const SLACK_BYTES = 96 * MIB;

/** How much each server has got rid of. */
const sent: Record<string, number> = {};

/** Writes a beginning and then one piece again and again, as fast as it is taken. */
function endless(name: string, beginning: string, piece: Buffer = PIECE): Script {
  return (turn) => {
    sent[name] = 0;
    turn.write(beginning);
    pour(turn, name, piece);
  };
}

function pour(turn: Turn, name: string, piece: Buffer): void {
  while (!turn.socket.destroyed && (sent[name] ?? 0) < ENDLESS_BYTES) {
    sent[name] = (sent[name] ?? 0) + piece.length;
    if (!turn.socket.write(piece)) return void turn.socket.once("drain", () => pour(turn, name, piece));
  }
}

const JSON_HEAD = head("200 OK", "content-type: application/json");
const frames = chunk(delta("y".repeat(16 * 1024)));

const scripts: Readonly<Record<string, Script>> = {
  line: endless("line", `${STREAM_HEAD}40000000\r\ndata: `),
  comment: endless("comment", `${head("200 OK", "content-type: text/event-stream")}:`),
  fields: endless(
    "fields",
    head("200 OK", "content-type: text/event-stream"),
    Buffer.from("x: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n".repeat(1_000)),
  ),
  answer: endless("answer", `${JSON_HEAD}{"choices":[{"message":{"content":"`),
  error: endless("error", head("500 Internal Server Error", "content-type: text/html")),
  html: endless("html", head("200 OK", "content-type: text/html")),
  header: endless("header", "HTTP/1.1 200 OK\r\nx: "),
  frames: endless("frames", STREAM_HEAD + chunk(ROLE).toString(), frames),
};

let gateway: GatewayProcess;
let servers: readonly Scripted[] = [];
const folder = mkdtempSync(join(tmpdir(), "bailiwick-endless-"));

beforeAll(async () => {
  const started = await Promise.all(
    Object.entries(scripts).map(async ([model, script]) => ({ model, server: await Scripted.start(script) })),
  );
  const other = await Scripted.start((turn) => turn.write(good(turn.body)));
  servers = [...started.map(({ server }) => server), other];
  const places = started.map(({ model, server }) => ({ model, urls: [server.url], spare: false }));
  const deadlines = { firstByteMs: 20_000, betweenBytesMs: 20_000, totalMs: 60_000 };
  const file = join(folder, "bailiwick.yaml");
  writeFileSync(file, estate({ places, deadlines, dataDir: join(folder, "data"), spareUrl: other.url, forbiddenUrl: other.url }));
  gateway = await GatewayProcess.start(file, folder);
}, 40_000);

afterAll(async () => {
  gateway.signal("SIGKILL");
  await gateway.exit();
  await Promise.all(servers.map((server) => server.close()));
  rmSync(folder, { recursive: true, force: true });
});

const port = (): number => gateway.ports[0] ?? 0;

/** The most that the gateway's memory has grown by while something ran. */
async function growthWhile(run: () => Promise<void>): Promise<number> {
  await ask({ port: port(), model: "none" });
  const before = gateway.rssBytes ?? 0;
  let most = before;
  const watching = setInterval(() => (most = Math.max(most, gateway.rssBytes ?? 0)), 10);
  await run().finally(() => clearInterval(watching));
  return most - before;
}

describe.skipIf(process.platform !== "linux")("an engine that never stops", { timeout: 60_000 }, () => {
  it.each([
    { what: "one line of a stream", model: "line", stream: true, bytesMax: BOUNDS.replyFrameBytesMax },
    { what: "one comment", model: "comment", stream: true, bytesMax: BOUNDS.replyFrameBytesMax },
    { what: "lines without a blank one", model: "fields", stream: true, bytesMax: BOUNDS.replyFrameBytesMax },
    { what: "the text of an answer", model: "answer", stream: false, bytesMax: BOUNDS.replyJsonBytesMax },
    { what: "the body of an error", model: "error", stream: true, bytesMax: BOUNDS.replyErrorBytesMax },
    { what: "a page", model: "html", stream: false, bytesMax: BOUNDS.replyErrorBytesMax },
    { what: "a header", model: "header", stream: true, bytesMax: BOUNDS.replyHeaderBytesMax },
  ])("sending $what is cut at its bound", async ({ model, stream, bytesMax }) => {
    const growth = await growthWhile(async () => {
      const answer = await ask({ port: port(), model, stream });
      expect([answer.status, errorOf(answer)?.["code"]]).toEqual([502, "engine_failed"]);
    });
    // Pieces that lie in sockets on the way are not the gateway's.
    expect(sent[model]).toBeLessThan(bytesMax + 32 * MIB);
    expect(growth).toBeLessThan(bytesMax + SLACK_BYTES);
  });

  it("is held up by a caller who does not read, and let go when that caller leaves", async () => {
    let socket: Socket | undefined;
    const growth = await growthWhile(async () => {
      socket = connect(port(), "127.0.0.1").on("error", () => undefined);
      const headers = [bearer(KEY), "content-type: application/json"];
      socket.write(request({ host: HOST, headers, body: bodyOf({ model: "frames", stream: true }) }));
      await until("it streams", () => (sent["frames"] ?? 0) > MIB);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
    });
    const held = sent["frames"] ?? 0;
    expect(held).toBeLessThan(64 * MIB);
    expect(growth).toBeLessThan(SLACK_BYTES);
    socket?.destroy();
    await until("the engine is free", () => servers[7]?.standing === 0 || onlyProbes(servers[7]), 2_000);
    expect(sent["frames"]).toBeLessThan(held + 16 * MIB);
  });

  it("costs others nothing: they are served meanwhile", async () => {
    const [bad, well] = await Promise.all([ask({ port: port(), model: "answer" }), ask({ port: port(), model: "none", stream: true })]);
    expect([bad.status, well.status, lastError(well)]).toEqual([502, 200, undefined]);
    expect(well.tookMs).toBeLessThan(2_000);
  });
});

/** Connections that never carried a request are the health probes'. */
function onlyProbes(server: Scripted | undefined): boolean {
  return server?.turns.every(({ socket }) => socket.destroyed) === true;
}
