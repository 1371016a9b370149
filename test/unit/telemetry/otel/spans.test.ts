import { emptyResource } from "@opentelemetry/resources";
import { describe, expect, it } from "vitest";
import { type Finished, FollowedAttempt } from "../../../../src/telemetry/otel/followed.ts";
import { spansOf } from "../../../../src/telemetry/otel/spans.ts";
import { AT_MS, BACKEND, failureOf, finished } from "./fixture.ts";

function spans(request: Finished = finished()) {
  let ids = 0;
  const scope = { name: "test", version: "1" };
  const built = spansOf(request, { resource: emptyResource(), scope, spanId: () => String((ids += 1)).padStart(16, "0") });
  const own = built.at(-1);
  if (own === undefined) throw new Error("a request has a span");
  return { own, attempts: built.slice(0, -1) };
}

describe("spansOf", () => {
  it("is a server's span under the request's own id, and a client's inside it", () => {
    const { own, attempts } = spans();
    expect(own.name).toBe("chat shop/llama");
    expect(own.spanContext()).toMatchObject({ traceId: finished().record.request, spanId: "0000000000000001" });
    expect([own.kind, own.parentSpanContext, own.status.code]).toEqual([1, undefined, 0]);
    expect(attempts.map(({ name, kind }) => [name, kind])).toEqual([["chat llama", 2]]);
    expect(attempts[0]?.parentSpanContext).toEqual(own.spanContext());
    expect(attempts[0]?.spanContext().traceId).toBe(own.spanContext().traceId);
  });

  it("stands in time where it was", () => {
    const { own, attempts } = spans();
    expect(own.startTime).toEqual([AT_MS / 1000, 0]);
    expect(own.duration[0]).toBe(1);
    expect(own.duration[1]).toBeCloseTo(250_040_000, -3);
    expect(attempts[0]?.startTime).toEqual([AT_MS / 1000, 5_000_000]);
    expect(attempts[0]?.endTime).toEqual([AT_MS / 1000 + 1, 235_000_000]);
  });

  it("ends an attempt with its request that nobody has ended", () => {
    const running = new FollowedAttempt(BACKEND, { monotonicMs: () => 10 });
    const { own, attempts } = spans(finished({ attempts: [running] }));
    expect(attempts[0]?.endTime).toEqual(own.endTime);
  });

  it("belongs to the caller's trace, where it has one", () => {
    const { own, attempts } = spans(finished({ parent: { traceId: "a".repeat(32), spanId: "b".repeat(16), sampled: true } }));
    expect(own.spanContext().traceId).toBe("a".repeat(32));
    expect(own.parentSpanContext).toMatchObject({ traceId: "a".repeat(32), spanId: "b".repeat(16), isRemote: true });
    expect(attempts[0]?.spanContext().traceId).toBe("a".repeat(32));
    expect(own.attributes["gateway.request.id"]).toBe(finished().record.request);
  });

  it("tells what was used, and when the first of it came", () => {
    expect(spans().own.attributes).toMatchObject({
      "gen_ai.usage.input_tokens": 12,
      "gen_ai.usage.output_tokens": 30,
      "gen_ai.usage.cache_read.input_tokens": 4,
      "gen_ai.response.time_to_first_chunk": expect.closeTo(0.04006, 9),
    });
    const none = spans(finished({}, { usage: undefined, stream: false })).own.attributes;
    expect(Object.keys(none).filter((name) => /usage|first_chunk/.test(name))).toEqual([]);
  });

  it("fails with its request, and a caller's own mistake is no failure", () => {
    expect(spans(finished({}, { status: 503, fault: "engine_overloaded" })).own.status.code).toBe(2);
    expect(spans(finished({}, { status: 200, outcome: "failed", fault: "engine_timeout" })).own.status.code).toBe(2);
    const refused = spans(finished({}, { status: 429, fault: "rate_limit_tokens", outcome: "refused" })).own;
    expect([refused.status.code, refused.attributes["error.type"]]).toEqual([0, "rate_limit_tokens"]);
  });

  it("holds of a failed attempt its name in the closed table, and no word of the engine", () => {
    const failed = new FollowedAttempt(BACKEND, { monotonicMs: () => 10 });
    failed.end(failureOf("engine_failed"));
    const { attempts } = spans(finished({ attempts: [failed] }, { detail: "canary" }));
    expect(attempts[0]).toMatchObject({ status: { code: 2 }, attributes: { "error.type": "engine_failed", "gateway.backend": "gpu-1" } });
    const { own, attempts: all } = spans(finished({ attempts: [failed] }, { detail: "canary" }));
    const text = JSON.stringify(
      [own, ...all].map(({ name, attributes, status, events, links }) => ({ name, attributes, status, events, links })),
    );
    for (const hidden of ["canary", "kontor", "klinik", "notes", "key_1", BACKEND.baseUrl]) expect(text).not.toContain(hidden);
  });
});
