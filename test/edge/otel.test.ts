/** Traces and metrics over OTLP to a collector of the test's own: what arrives, what never leaves, and what a collector that fails costs. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ALIAS, COLLECTOR_SECRET, Exported, KEYS, SERVED, toCollector } from "./support/exported.ts";
import { OtlpReceiver, type ReadSpan } from "./support/otlp-receiver.ts";
import { until } from "./support/until.ts";

const SENT = 'gateway_otlp_requests_total{signal="traces",result="sent"}';
const WITHHELD = 'gateway_otlp_requests_total{signal="traces",result="withheld"}';
const DROPPED = 'gateway_otlp_requests_total{signal="traces",result="dropped"}';

const SERVER = 2;
const CLIENT = 3;

describe("a collector in a permitted place", () => {
  const receiver = new OtlpReceiver();
  let exported: Exported;
  beforeAll(async () => {
    await receiver.start();
    exported = await Exported.start(toCollector(receiver.url));
  }, 40_000);
  afterAll(async () => {
    await exported.stop();
    await receiver.stop();
  });

  const spansOf = async (request: string | null, count: number): Promise<readonly ReadSpan[]> => {
    const own = (): readonly ReadSpan[] => {
      const trace = receiver.spans.find(({ attributes }) => attributes["gateway.request.id"] === request)?.traceId;
      return receiver.spans.filter(({ traceId }) => traceId === trace);
    };
    await until(`${count} spans of ${String(request)} arrive`, () => own().length >= count);
    return own();
  };

  it("gets a span of each request with one of each attempt inside, in the conventions for generative AI", async () => {
    const answer = await exported.chat({ stream: true });
    const request = answer.headers.get("x-request-id");
    const spans = await spansOf(request, 2);
    const own = spans.find(({ kind }) => kind === SERVER);
    const attempt = spans.find(({ kind }) => kind === CLIENT);
    expect(own).toMatchObject({ name: `chat ${ALIAS}`, traceId: request, parentSpanId: undefined, failed: false });
    expect(own?.attributes).toMatchObject({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "vllm",
      "gen_ai.request.model": ALIAS,
      "gen_ai.response.model": "inner",
      "gen_ai.request.stream": true,
      "gen_ai.usage.output_tokens": 6,
      "http.response.status_code": 200,
      "http.route": "/v1/chat/completions",
      "gateway.outcome": "served",
    });
    expect(own?.attributes["gen_ai.usage.input_tokens"]).toBeGreaterThan(0);
    expect(own?.attributes["gen_ai.response.time_to_first_chunk"]).toBeGreaterThan(0);
    expect(attempt).toMatchObject({ name: `chat ${SERVED}`, parentSpanId: own?.spanId, failed: false });
    expect(attempt?.attributes).toMatchObject({ "gen_ai.provider.name": "vllm", "gen_ai.request.model": SERVED });
    expect(attempt?.tookMs).toBeGreaterThan(0);
    expect(attempt?.tookMs).toBeLessThanOrEqual(own?.tookMs ?? 0);
  });

  it("gets a span of each failed attempt, and the request as it ended", async () => {
    const [first] = exported.engines;
    first?.faults.set({ status: 500 });
    try {
      let spans: readonly ReadSpan[] = [];
      // Whichever engine is asked first, one of a few requests meets the broken one.
      for (let tries = 0; tries < 20 && spans.length < 3; tries++)
        spans = await spansOf((await exported.chat()).headers.get("x-request-id"), 2);
      const attempts = spans.filter(({ kind }) => kind === CLIENT);
      expect(attempts.map(({ failed, attributes }) => [failed, attributes["error.type"], attributes["gateway.backend"]])).toEqual([
        [true, "engine_failed", "rack-0"],
        [false, undefined, "rack-1"],
      ]);
      expect(spans.find(({ kind }) => kind === SERVER)).toMatchObject({ failed: false, attributes: { "gateway.outcome": "served" } });
    } finally {
      first?.faults.clear();
    }
  });

  it("gets them under the caller's trace, where the caller has one and asks for no silence", async () => {
    const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    const traced = await exported.chat({ headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01`, tracestate: "canary=of-the-state" } });
    const silent = await exported.chat({ headers: { traceparent: `00-${trace.replace("4", "5")}-00f067aa0ba902b7-00` } });
    const broken = await exported.chat({ headers: { traceparent: "00-canary-of-the-parent-01" } });
    const spans = await spansOf(traced.headers.get("x-request-id"), 2);
    expect(spans.every(({ traceId }) => traceId === trace)).toBe(true);
    expect(spans.find(({ kind }) => kind === SERVER)?.parentSpanId).toBe("00f067aa0ba902b7");
    const request = broken.headers.get("x-request-id");
    expect((await spansOf(request, 2)).every(({ traceId }) => traceId === request)).toBe(true);
    expect(receiver.bytes).not.toContain(silent.headers.get("x-request-id"));
    expect(receiver.bytes).not.toContain("canary");
    // It is a channel to whoever runs the engine.
    const seen = exported.engines.flatMap((engine) => engine.seen);
    expect(seen.length).toBeGreaterThan(0);
    expect(seen.some(({ headers }) => "traceparent" in headers || "tracestate" in headers)).toBe(false);
  });

  it("gets histograms with the buckets of the conventions", async () => {
    await exported.chat({ stream: true });
    await until("metrics arrive", () => receiver.points.some(({ metric }) => metric === "gen_ai.server.time_per_output_token"));
    const points = receiver.points;
    expect(new Set(points.map(({ metric, unit }) => `${metric} ${unit}`))).toEqual(
      new Set([
        "gen_ai.server.request.duration s",
        "gen_ai.server.time_to_first_token s",
        "gen_ai.server.time_per_output_token s",
        "gen_ai.client.token.usage {token}",
      ]),
    );
    const output = points.find(({ attributes }) => attributes["gen_ai.token.type"] === "output");
    expect(output?.bounds.slice(0, 4)).toEqual([1, 4, 16, 64]);
    expect(output?.sum).toBe(6 * (output?.count ?? 0));
    expect(points.find(({ metric }) => metric === "gen_ai.server.request.duration")?.bounds.at(-1)).toBe(81.92);
    expect(output?.attributes).toEqual({
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "vllm",
      "gen_ai.request.model": ALIAS,
      "gen_ai.response.model": "inner",
      "gen_ai.token.type": "output",
    });
  });

  it("gets nothing of a request whose law does not permit its place: of the tenant, or of the request alone", async () => {
    const before = await exported.counted(WITHHELD);
    const closed = await exported.chat({ key: KEYS.closed });
    const narrowed = await exported.chat({ headers: { "sovereignty-require": "country=(FR)" } });
    const refused = await exported.chat({ key: "sk-nobody" });
    const unknown = await exported.chat({ model: "canary-of-a-model" });
    expect([closed.status, narrowed.status, refused.status, unknown.status]).toEqual([200, 200, 401, 404]);
    await until("they are withheld", async () => (await exported.counted(WITHHELD)) >= before + 4);
    const last = await exported.chat();
    await spansOf(last.headers.get("x-request-id"), 2);
    for (const answer of [closed, narrowed, refused, unknown]) expect(receiver.bytes).not.toContain(answer.headers.get("x-request-id"));
    expect(receiver.bytes).not.toContain("canary");
  });

  it("is sent the configured header, and neither content nor who asked", async () => {
    const canary = "canary-in-the-prompt";
    const answer = await exported.chat({ say: `[[say:canary-in-the-answer]] ${canary}`, stream: true });
    await spansOf(answer.headers.get("x-request-id"), 2);
    expect(receiver.received.every(({ headers }) => headers.authorization === COLLECTOR_SECRET)).toBe(true);
    const bodies = receiver.received.map(({ body }) => body).join("\n");
    for (const secret of ["canary", "tenant-open", "project-open", "key-open", KEYS.open, "127.0.0.1", COLLECTOR_SECRET])
      expect(bodies).not.toContain(secret);
  });

  it("gets nothing more when its facts, or the law, have changed", async () => {
    const gone = async (telemetry: string): Promise<void> => {
      expect(exported.reload(telemetry)).toBe(true);
      const before = await exported.counted(WITHHELD);
      const answer = await exported.chat();
      await until("it is withheld", async () => (await exported.counted(WITHHELD)) > before);
      expect(receiver.bytes).not.toContain(answer.headers.get("x-request-id"));
    };
    await gone(toCollector(receiver.url, { site: "facts: { location.country: US, operator.country: US, operator.parents: [US] }" }));
    await gone(toCollector(receiver.url, { site: "" }));
    await gone(toCollector("http://127.0.0.1:9"));
    await gone("");
    expect(exported.reload(toCollector(receiver.url, { site: "facts: { location.country: DE }" }))).toBe(true);
    await spansOf((await exported.chat()).headers.get("x-request-id"), 2);
  });
});

describe("a collector that fails", () => {
  it.each<[string, OtlpReceiver["answer"] | "gone"]>([
    ["is not there", "gone"],
    ["never answers", () => undefined],
    ["answers byte by byte", (_, outgoing) => void setInterval(() => outgoing.write(" "), 50).unref()],
    ["refuses", (_, outgoing) => void outgoing.writeHead(500).end("canary-of-the-collector")],
  ])(
    "that %s costs requests nothing, is counted, and does not hold up the end",
    async (_, answer) => {
      const receiver = await new OtlpReceiver().start();
      const { url } = receiver;
      if (answer === "gone") await receiver.stop();
      else receiver.answer = answer;
      const exported = await Exported.start(toCollector(url));
      for (let count = 0; count < 20; count++) expect((await exported.chat()).status).toBe(200);
      await until("spans are given up", async () => (await exported.counted(DROPPED)) > 0, 8_000);
      expect(await exported.counted(SENT)).toBe(0);
      expect((await exported.chat()).status).toBe(200);
      const startedMs = performance.now();
      await exported.stop();
      expect(performance.now() - startedMs).toBeLessThan(4_500);
      if (answer !== "gone") await receiver.stop();
    },
    30_000,
  );

  it("that comes back gets what is new", async () => {
    const first = await new OtlpReceiver().start();
    const { url } = first;
    await first.stop();
    const exported = await Exported.start(toCollector(url));
    await exported.chat();
    await until("spans are given up", async () => (await exported.counted(DROPPED)) > 0, 8_000);
    const receiver = await new OtlpReceiver().start(Number(new URL(url).port));
    await exported.chat();
    await until("spans arrive", () => receiver.spans.length > 0, 8_000);
    // The sums of before were never sent: they are not lost.
    await until(
      "all are counted",
      () => receiver.points.some(({ metric, count }) => metric === "gen_ai.server.request.duration" && count === 2),
      8_000,
    );
    await exported.stop();
    await receiver.stop();
  }, 40_000);
});

it("a last export takes what a process that ends still has", async () => {
  const receiver = await new OtlpReceiver().start();
  const exported = await Exported.start(toCollector(receiver.url, { more: "service_name: last-words" }));
  const request = (await exported.chat()).headers.get("x-request-id");
  await exported.stop();
  expect(receiver.spans.some(({ attributes }) => attributes["gateway.request.id"] === request)).toBe(true);
  expect(receiver.points.some(({ metric }) => metric === "gen_ai.client.token.usage")).toBe(true);
  expect(receiver.bytes).toContain("last-words");
  await receiver.stop();
});

it("exports the share that is asked for, and counts all", async () => {
  const receiver = await new OtlpReceiver().start();
  const exported = await Exported.start(toCollector(receiver.url, { more: "traces: { ratio: 0 }" }));
  await exported.chat({ headers: { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" } });
  await exported.stop();
  expect(receiver.spans).toEqual([]);
  expect(receiver.points.find(({ metric }) => metric === "gen_ai.server.request.duration")?.count).toBe(1);
  await receiver.stop();
});

it("a gateway without a collector follows nobody", async () => {
  const exported = await Exported.start("");
  expect((await exported.chat()).status).toBe(200);
  expect(exported.serving.running.facilities.world.tracer).toBeUndefined();
  expect(await exported.counted(SENT)).toBeNaN();
  await exported.stop();
});
