import { describe, expect, it } from "vitest";
import { engines } from "../../../src/backends/index.ts";
import { Fault } from "../../../src/faults.ts";
import { Attempt } from "../../../src/stages/attempt.ts";
import { Delivery } from "../../../src/stages/delivery.ts";
import { relay } from "../../../src/stages/relay.ts";
import { BACKENDS, callOf, failure, FakeExit, REQUEST, StageClock } from "./fixture.ts";

function relaying() {
  const exit = new FakeExit();
  const delivery = new Delivery(exit, new StageClock(), { stream: true, headers: () => [] });
  const [backend] = BACKENDS;
  if (backend === undefined) throw new Error("a place is needed");
  const attempt = new Attempt(engines().vllm.reply(callOf({ stream: true }), backend, REQUEST), delivery);
  attempt.attach({ pause: () => undefined, resume: () => undefined, cancel: () => undefined });
  return { exit, delivery, attempt, backend };
}

describe("relay", () => {
  it("says that nobody answered: failed, or abandoned when the caller had left", async () => {
    const fault = new Fault("sov_no_healthy");
    const { exit, delivery } = relaying();
    const nothing = { attempt: undefined, backend: undefined, attempts: 0 };
    expect(await relay({ ...nothing, fault }, delivery)).toEqual({ outcome: "failed", fault });
    expect(await relay({ ...nothing, fault: undefined }, delivery)).toEqual({ outcome: "abandoned", fault: undefined });
    exit.leave();
    expect(await relay({ ...nothing, fault }, delivery)).toEqual({ outcome: "abandoned", fault });
  });

  it("waits for the end and tells it in band when it is a bad one", async () => {
    const { exit, delivery, attempt, backend } = relaying();
    attempt.head(200, { "content-type": "text/event-stream" });
    attempt.data(Buffer.from('data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\n'));
    const ending = relay({ attempt, backend, attempts: 1, fault: undefined }, delivery);
    attempt.fail(failure(true));
    expect(await ending).toMatchObject({ outcome: "failed", fault: { fault: "engine_failed" } });
    expect(exit.text.endsWith("\n\n")).toBe(true);
    expect(exit.text).toContain('"error"');
    expect(exit.text).not.toContain("[DONE]");
  });

  it("is abandoned with its caller", async () => {
    const { exit, delivery, attempt, backend } = relaying();
    const ending = relay({ attempt, backend, attempts: 1, fault: undefined }, delivery);
    exit.leave();
    expect(await ending).toEqual({ outcome: "abandoned", fault: undefined });
  });
});
