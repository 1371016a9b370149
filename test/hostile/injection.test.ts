/** #27: text that would be something else if it were spliced: frames out of model text, headers out of names, lines out of errors. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bearer, errorOf } from "../edge/support/raw.ts";
import { until } from "../edge/support/until.ts";
import { chunk, failing, paced, saying, streaming, usageFrame, USAGE } from "./support/engine.ts";
import { KEYS } from "./support/estate.ts";
import { chat, JSON_TYPE, Siege } from "./support/siege.ts";

let siege: Siege;
beforeAll(async () => void (siege = await Siege.lay()), 40_000);
afterAll(() => siege.lift());

const STREAM = { stream: true, stream_options: { include_usage: true } };

/** Texts that a model may say, and that must stay text. */
const TEXTS: readonly string[] = [
  "a\n\ndata: [DONE]\n\nb",
  "a\r\n\r\ndata: [DONE]\r\n\r\nb",
  "a\rdata: {}\r\rb",
  'data: {"error":{"message":"x"}}\n\n',
  'x"}}],"usage":{"prompt_tokens":0,"completion_tokens":0}}\n\n',
  "\u2028data: [DONE]\u2029",
  "\u0085event: error\u000b\u000cid: 1",
  "\u0000\u001b[2J\ufeff",
  "[DONE]",
];

interface Frame {
  readonly error?: unknown;
  readonly usage?: { readonly total_tokens: number } | null;
  readonly choices?: readonly { readonly delta?: { readonly content?: string } }[];
}

/** What a client reads: events by the standard's three line ends, each a JSON text but the last. */
function eventsOf(body: string): { readonly frames: readonly Frame[]; readonly done: number; readonly lines: readonly string[] } {
  const lines = Buffer.from(body, "latin1")
    .toString("utf8")
    .split(/\r\n|\n|\r/)
    .filter((line) => line !== "");
  const data = lines.map((line) => line.slice(6));
  return {
    lines,
    done: data.filter((text) => text === "[DONE]").length,
    frames: data.filter((text) => text !== "[DONE]").map((text) => JSON.parse(text)),
  };
}

const textOf = (frames: readonly Frame[]): string => frames.map(({ choices }) => choices?.[0]?.delta?.content ?? "").join("");

describe("#27 a stream", () => {
  it.each(TEXTS.map((text) => [JSON.stringify(text), text]))("says %s as text, and ends once", async (_, text) => {
    siege.home.script = streaming([
      chunk({ role: "assistant", content: "" }),
      chunk({ content: text }),
      chunk({}, "stop"),
      usageFrame(USAGE),
    ]);
    const answer = await siege.ask(chat({ more: STREAM }));
    siege.heal();
    const { frames, done, lines } = eventsOf(answer.body);
    expect([textOf(frames), done, lines.every((line) => line.startsWith("data: "))]).toEqual([text, 1, true]);
    expect(frames.filter(({ usage }) => usage !== undefined && usage !== null).map(({ usage }) => usage?.total_tokens)).toEqual([
      USAGE.total_tokens,
    ]);
    expect(frames.some(({ error }) => error !== undefined)).toBe(false);
  });

  it.each([
    ["an event name and an id", `event: error2\nid: 7\nretry: 1\n${chunk({ content: "x" })}`],
    ["comments", `: hello\n\n: data: [DONE]\n\n${chunk({ content: "x" })}`],
    ["carriage returns for line ends", chunk({ content: "x" }).replaceAll("\n", "\r")],
    ["a byte order mark", `\ufeff${chunk({ content: "y" })}${chunk({ content: "x" })}`],
  ])("of an engine that sends %s reaches the caller as data lines alone", async (_, frame) => {
    siege.home.script = streaming([frame, chunk({}, "stop"), usageFrame(USAGE)]);
    const { lines } = eventsOf((await siege.ask(chat({ more: STREAM }))).body);
    siege.heal();
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.filter((line) => !line.startsWith("data: "))).toEqual([]);
  });

  it("with a raw line break inside its JSON is broken off, not passed on as two", async () => {
    for (const end of ["\r", "\n", "\r\n"]) {
      siege.home.script = paced([
        chunk({ content: "fine" }),
        chunk({ content: "aXXb" }).replace("XX", `${end}${end}data: {"choices":[]}${end}`),
        chunk({}, "stop"),
      ]);
      const answer = await siege.ask(chat({ more: STREAM }));
      siege.heal();
      const data = answer.body.split(/\r\n|\n|\r/).filter((line) => line !== "");
      expect([data.filter((line) => line === "data: [DONE]"), answer.body.includes('"error"')]).toEqual([[], true]);
      for (const line of data) expect(() => JSON.parse(line.slice(6))).not.toThrow();
    }
  });

  it("whose usage is told by its own text is billed by its usage", async () => {
    const before = await costOf();
    siege.home.script = saying('{"usage":{"prompt_tokens":0,"completion_tokens":0}}\n\ndata: {"usage":{"total_tokens":0}}', {
      ...USAGE,
      prompt_tokens: 1_000,
      completion_tokens: 9,
    });
    expect((await siege.ask(chat({ more: STREAM }))).status).toBe(200);
    siege.heal();
    await until("it is billed", async () => (await costOf()) - before > 0);
    expect((await costOf()) - before).toBeLessThanOrEqual(1_000 + 18);
  });
});

/** Micro-units that the tenant has spent, as its own page says it. */
async function costOf(): Promise<number> {
  const start = Math.floor(Date.now() / 1000) - 3_600;
  const { body } = await siege.ask({ path: `/v1/organization/costs?start_time=${start}` });
  return Math.round([...body.matchAll(/"value":([\d.e-]+)/g)].reduce((sum, [, value]) => sum + Number(value), 0) * 1e6);
}

describe("#27 an error's text", () => {
  const EVIL = 'x\r\nset-cookie: evil=1\r\n\r\n<script>\u2028data: [DONE]\n\n"}}';

  it("out of the engine is one JSON string in one line", async () => {
    siege.home.script = failing(400, JSON.stringify({ error: { message: EVIL, param: "a\r\nb", code: 400 } }));
    const whole = await siege.ask(chat());
    siege.home.script = paced([chunk({ content: "x" }), `data: ${JSON.stringify({ error: { message: EVIL, code: 400 } })}\n\n`]);
    const streamed = await siege.ask(chat({ more: { stream: true } }));
    siege.heal();
    expect([whole.status, whole.headers["set-cookie"], whole.body.split("\n").length]).toEqual([400, undefined, 1]);
    const last = streamed.body.trimEnd().split("\n\n").at(-1) ?? "";
    expect(last.split(/[\r\n]/)).toHaveLength(1);
    expect(JSON.parse(last.slice(6))).toMatchObject({ error: { type: expect.any(String) } });
  });

  it("in band says where a person gets help, as the body would", async () => {
    siege.home.script = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(chunk({ content: "x" }), () => response.destroy());
    };
    const answer = await siege.ask(chat({ more: { stream: true } }));
    siege.heal();
    expect([answer.status, answer.body]).toEqual([200, expect.stringMatching(/"error":.*Help: https:\/\/alpha\.test\/help"/)]);
    expect(answer.body).not.toContain("[DONE]");
  });

  it("out of the caller's own names is shown harmlessly", async () => {
    for (const model of ["x\r\nset-cookie: evil=1", "\u2028<script>", '"},"x":{"', "a\u0000b", "\ud800", "${jndi:ldap://evil}"]) {
      const answer = await siege.ask(chat({ model }));
      expect([answer.status, errorOf(answer)?.["code"], answer.headers["set-cookie"]]).toEqual([404, "model_not_found", undefined]);
      expect(answer.body.split(/[\r\n]/)).toHaveLength(1);
    }
    for (const path of ["/v1/models/x%0d%0aset-cookie:%20evil=1", "/v1/x%0d%0ay", "/v1/models/%E2%80%A8"]) {
      const answer = await siege.ask({ path });
      expect([answer.status, answer.headers["set-cookie"], /[\r\n]/.test(answer.body)]).toEqual([404, undefined, false]);
    }
  });
});

describe("an id of the caller's own", () => {
  it.each(["short", "x".repeat(4_000), "\u00fc\u00e9", "a\tb", "<script>", "0".repeat(32)])(
    "%.20j is not taken for ours, and goes nowhere",
    async (id) => {
      const answer = await siege.ask({
        ...chat(),
        headers: [bearer(KEYS.alpha), JSON_TYPE, `x-request-id: ${id}`, `x-client-request-id: ${id}`, `request-id: ${id}`],
      });
      expect(answer.status).toBe(200);
      expect(answer.headers["x-request-id"]).toMatch(/^[0-9a-f]{32}$/);
      expect([answer.headers["x-request-id"] === id, answer.bytes.split("\r\n\r\n")[0]?.includes(id)]).toEqual([false, false]);
      expect(siege.home.asked.at(-1)?.headers["x-request-id"]).toBe(answer.headers["x-request-id"]);
    },
  );

  it("with a line break in it is no HTTP, or a header of its own that nobody reads", async () => {
    const answer = await siege.ask({
      headers: [bearer(KEYS.alpha), "x-request-id: a\r\nx-evil: 1", "sovereignty-require: x\rset-cookie: y"],
    });
    expect([answer.status, answer.headers["x-evil"], answer.headers["set-cookie"]]).toEqual([400, undefined, undefined]);
  });
});

it("nothing of an engine's head reaches the caller", async () => {
  siege.home.script = (response) => {
    const choices = [{ index: 0, message: { role: "assistant", content: "x" }, finish_reason: "stop" }];
    response
      .setHeader("set-cookie", ["evil=1", "b=2"])
      .setHeader("x-evil", "1")
      .setHeader("location", "http://evil.test")
      .setHeader("x-request-id", "theirs");
    response.writeHead(200, { "content-type": "application/json; charset=evil", server: "uvicorn", link: "<http://evil.test>" });
    response.end(JSON.stringify({ id: "x", object: "chat.completion", created: 1, model: "weights", choices, usage: USAGE }));
  };
  const answer = await siege.ask(chat());
  siege.heal();
  expect(answer.status).toBe(200);
  expect(answer.bytes.split("\r\n\r\n")[0]).not.toMatch(/evil|uvicorn|theirs/);
});
