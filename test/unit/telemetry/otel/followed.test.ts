import { expect, it } from "vitest";
import { type Finished, FollowedRequest, questionOf } from "../../../../src/telemetry/otel/followed.ts";
import { refused, served } from "../records.ts";
import { AT_MS, BACKEND, failureOf, finished, HandClock } from "./fixture.ts";

it("is told attempts as they begin and end, and itself once", () => {
  const clock = new HandClock();
  clock.advance(5);
  const found: Finished[] = [];
  const head = { wire: "chat", atMs: AT_MS, require: undefined, parent: undefined, sampled: true } as const;
  const request = new FollowedRequest(head, clock, (each) => found.push(each));
  clock.advance(1);
  const first = request.attempt(BACKEND);
  clock.advance(2);
  first.end(failureOf("engine_failed"));
  request.attempt(BACKEND);
  request.end(served(), "alias");
  expect(found).toHaveLength(1);
  expect(found[0]).toMatchObject({ ...head, startedMs: 5, alias: "alias" });
  expect(found[0]?.attempts).toMatchObject([
    { startedMs: 6, endedMs: 8, failure: { fault: { fault: "engine_failed" } } },
    { startedMs: 8, endedMs: undefined, failure: undefined },
  ]);
});

it("asks the law as the request did, by what is asked of the model and not by the door", () => {
  expect(questionOf(finished({ wire: "responses", require: "country=(FR)" }))).toEqual({
    msp: "kontor",
    tenant: "klinik",
    project: "notes",
    key: "key_1",
    model: "llama",
    capability: "chat",
    defaultClass: served().principal?.tenant.defaultClass,
    require: "country=(FR)",
  });
});

it("has no law to ask where nobody or no model is known", () => {
  expect(questionOf({ ...finished(), record: refused() })).toBeUndefined();
  expect(questionOf(finished({}, { model: undefined }))).toBeUndefined();
});
