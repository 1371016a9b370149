/** Connections that outlive one request: what they bring belongs to nobody else, and one that is lost costs no answer. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { errorOf } from "../edge/support/raw.ts";
import { until } from "../edge/support/until.ts";
import { CHAT, good, head, json } from "./support/answers.ts";
import { ask, textOf } from "./support/ask.ts";
import { FaultyFleet } from "./support/fleet.ts";
import { ledgerRows } from "./support/case-runs.ts";
import { Scripted, type Turn } from "./support/scripted.ts";

const ROUNDS = 20;
/** Longer than a server waits that sends what nobody has asked for. */
const IDLE_MS = 30;
const IDLE = "a second answer while the connection is idle";

/** The caller's own words as the answer. */
function echoed(turn: Turn, content = contentOf(turn)): Buffer {
  return json({ ...CHAT, choices: [{ index: 0, message: { role: "assistant", content }, finish_reason: "stop" }] });
}

function contentOf({ body }: Turn): string {
  const asked: unknown = JSON.parse(body.toString());
  return /"content":"([^"]*)"/.exec(JSON.stringify(asked))?.[1] ?? "";
}

const STOLEN = "somebody else's answer";

const smuggling = {
  "a second answer right behind the first": (turn: Turn) => turn.write(Buffer.concat([echoed(turn), echoed(turn, STOLEN)])),
  [IDLE]: (turn: Turn) => {
    turn.write(echoed(turn));
    setTimeout(() => turn.write(echoed(turn, STOLEN)), 5);
  },
  "an answer that is longer than it says, the rest of it an answer": (turn: Turn) =>
    turn.write(echoed(turn).toString() + echoed(turn, STOLEN).toString()),
  "half an answer behind the first": (turn: Turn) => turn.write(echoed(turn).toString() + "HTTP/1.1 200 OK\r\ncontent-length: 2000\r\n"),
  "the last chunk twice": (turn: Turn) => {
    const body = echoed(turn).toString().split("\r\n\r\n")[1] ?? "";
    const chunked = head("200 OK", "content-type: application/json", "transfer-encoding: chunked");
    turn.write(`${chunked}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n0\r\n\r\n`);
  },
};

const lost = {
  // vLLM closes idle connections after five seconds: a request may just be on its way.
  "closed as the request arrives": (turn: Turn) => (isSecondOnItsConnection(turn) ? turn.socket.destroy() : turn.write(good(turn.body))),
  "reset as the request arrives": (turn: Turn) => (isSecondOnItsConnection(turn) ? turn.reset() : turn.write(good(turn.body))),
  "closed right after each answer": (turn: Turn) => turn.finish(good(turn.body)),
  "reset right after each answer": (turn: Turn) => turn.socket.write(good(turn.body), () => setTimeout(() => turn.reset(), 20)),
};

const carried = new WeakMap<object, number>();

function isSecondOnItsConnection({ socket }: Turn): boolean {
  const before = carried.get(socket) ?? 0;
  carried.set(socket, before + 1);
  return before > 0;
}

const scripts = [...Object.entries(smuggling), ...Object.entries(lost)];
const REDIRECT = "redirect";
const RESTARTED = "restarted";
const REFUSING = "refusing";
const SPARED = "refusing-spared";

let fleet: FaultyFleet;
let servers: Record<string, Scripted> = {};

beforeAll(async () => {
  const started = await Promise.all(scripts.map(async ([name, does], at) => [name, `m-${at}`, await Scripted.start(does)] as const));
  const well = (turn: Turn): void => turn.write(good(turn.body));
  const redirect = (turn: Turn): void =>
    turn.write(head("307 Temporary Redirect", `location: ${fleet.forbidden.url}/v1/chat/completions`, "content-length: 0"));
  const [redirecting, restarted, refusing] = await Promise.all([Scripted.start(redirect), Scripted.start(well), Scripted.start(well)]);
  servers = {
    ...Object.fromEntries(started.map(([, model, server]) => [model, server])),
    [REDIRECT]: redirecting,
    [RESTARTED]: restarted,
    [REFUSING]: refusing,
  };
  const places = Object.entries(servers).map(([model, { url }]) => ({ model, urls: [url], spare: false }));
  fleet = await FaultyFleet.start({ places: [...places, { model: SPARED, urls: [refusing.url], spare: true }] });
});

afterAll(async () => {
  await fleet.stop();
  await Promise.all(Object.values(servers).map((server) => server.close()));
  fleet.remove();
});

function server(model: string): Scripted {
  const found = servers[model];
  if (found === undefined) throw new TypeError(`no server ${model}`);
  return found;
}

describe.each(Object.keys(smuggling).map((name, at) => ({ name, model: `m-${at}` })))("$name", ({ name, model }) => {
  it("reaches nobody else", async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const content = `question ${model} ${round}`;
      const answer = await ask({ port: fleet.port, model, content });
      expect([answer.status, textOf(answer)]).toEqual([200, content]);
      if (name === IDLE) await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    }
    expect(server(model).connections).toBeGreaterThan(ROUNDS / 2);
  });

  // An engine that answers a request before it has come is beyond help: it could as well have answered wrongly.
  it.skipIf(name === IDLE)("reaches nobody else, when many ask at once", async () => {
    const contents = Array.from({ length: ROUNDS }, (_, at) => `question ${model} at once ${at}`);
    const answers = await Promise.all(contents.map((content) => ask({ port: fleet.port, model, content })));
    expect(answers.map(textOf)).toEqual(contents);
  });
});

describe.each(Object.keys(lost).map((name, at) => ({ name, model: `m-${at + Object.keys(smuggling).length}` })))(
  "a connection $name",
  ({ model }) => {
    it("costs no answer, though there is no other backend", async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const answer = await ask({ port: fleet.port, model, stream: round % 2 === 0 });
        expect([round, answer.status, textOf(answer)]).toEqual([round, 200, "hello there"]);
      }
    });
  },
);

describe("a restart between two requests", () => {
  it("costs no answer", async () => {
    const restarted = server(RESTARTED);
    for (let round = 0; round < 5; round += 1) {
      expect((await ask({ port: fleet.port, model: RESTARTED })).status).toBe(200);
      await restarted.close();
      await restarted.open();
    }
    expect((await ask({ port: fleet.port, model: RESTARTED })).status).toBe(200);
  });
});

describe("a redirect", () => {
  it("is never followed, least of all to where the law forbids", async () => {
    const answer = await ask({ port: fleet.port, model: REDIRECT });
    expect([answer.status, errorOf(answer)?.["code"]]).toEqual([502, "engine_failed"]);
    expect(fleet.trespasses).toEqual([]);
    expect(answer.bytes).not.toContain(String(fleet.forbidden.port));
  });
});

describe("an engine that refuses connections", () => {
  it("is unreachable, and another lawful one answers for it", async () => {
    await server(REFUSING).close();
    const [alone, spared] = await Promise.all([ask({ port: fleet.port, model: REFUSING }), ask({ port: fleet.port, model: SPARED })]);
    expect([alone.status, errorOf(alone)?.["code"]]).toEqual([502, "engine_unreachable"]);
    expect([spared.status, textOf(spared)]).toEqual([200, "hello there"]);
    expect(alone.tookMs).toBeLessThan(2_500);
  });

  it("is known to be down after two failed probes, and then nothing is sent to it", async () => {
    const isDown = (): boolean => fleet.routing.snapshot().some(({ backend, up }) => backend === `bad-0-${REFUSING}` && !up);
    await until("the probes have failed", isDown, 6_000);
    const answer = await ask({ port: fleet.port, model: REFUSING });
    expect([answer.status, errorOf(answer)?.["code"]]).toEqual([503, "SOV_NO_ADMISSIBLE_HEALTHY"]);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  });
});

it("every request has one settlement, and nothing was sent outside the law", async () => {
  await until("everything is settled", () => fleet.holdsOpen === 0);
  expect(fleet.trespasses).toEqual([]);
  await fleet.stop();
  const rows = ledgerRows(fleet.dataDir);
  expect(new Set(rows.map(({ request }) => request)).size).toBe(rows.length);
  expect(rows.filter(({ outcome, amount }) => outcome !== "served" && amount > 0)).toEqual([]);
});
