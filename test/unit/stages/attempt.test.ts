import { describe, expect, it } from "vitest";
import { Fault } from "../../../src/faults.ts";
import type { Reply } from "../../../src/ports.ts";
import { Attempt } from "../../../src/stages/attempt.ts";
import { Delivery } from "../../../src/stages/delivery.ts";
import { failure, FakeExit, StageClock } from "./fixture.ts";

/** Passes bytes on as they are; "!" is a failure, "?" a throw, "." the end of all that matters. */
class PlainReply implements Reply {
  readonly observed: Reply["observed"] = { reported: undefined, reports: 0, frames: 0, textBytes: 0, finished: false };
  failure: Reply["failure"];
  done = false;

  head(status: number): void {
    if (status !== 200) this.failure = failure(true);
  }

  push(chunk: Buffer): Buffer | undefined {
    const text = chunk.toString();
    if (text.includes("?")) throw new Error("no rule covers this");
    if (text.includes("!")) this.failure = failure(false);
    this.done = text.endsWith(".");
    return text === "" || text === "!" ? undefined : chunk;
  }

  end(): Buffer | undefined {
    return Buffer.from("|");
  }
}

function attempting() {
  const exit = new FakeExit();
  const delivery = new Delivery(exit, new StageClock(), { stream: true, headers: () => [] });
  const attempt = new Attempt(new PlainReply(), delivery);
  const calls: string[] = [];
  attempt.attach({
    pause: () => void calls.push("pause"),
    resume: () => void calls.push("resume"),
    cancel: () => void calls.push("cancel"),
  });
  const say = (text: string): void => attempt.data(Buffer.from(text));
  attempt.head(200, {});
  return { exit, delivery, attempt, calls, say };
}

it("an engine's failure does not say to the caller what the engine was shown to let us in", async () => {
  const secret = "engine-secret";
  for (const [text, param, shown] of [
    [`who is ${secret}?`, "seed", false],
    ["no such seed", secret, false],
    ["no such seed", "seed", true],
  ] as const) {
    const attempt = new Attempt(
      new PlainReply(),
      new Delivery(new FakeExit(), new StageClock(), { stream: true, headers: () => [] }),
      secret,
    );
    const fault = new Fault("engine_refused", { text, param });
    attempt.fail({ fault, elsewhere: false, sick: false });
    const end = await attempt.ended;
    expect([end.kind, end.failure?.fault.fault, end.failure?.fault.message === text]).toEqual(["failed", "engine_refused", shown]);
    expect(`${end.failure?.fault.message} ${end.failure?.fault.param}`).not.toContain(secret);
  }
});

it("what a JSON parser quotes of an answer does not reach the log", async () => {
  const reply = new PlainReply();
  Object.assign(reply, { push: (chunk: Buffer) => JSON.parse(chunk.toString()) });
  const attempt = new Attempt(reply, new Delivery(new FakeExit(), new StageClock(), { stream: true, headers: () => [] }));
  attempt.data(Buffer.from("content of an answer"));
  expect((await attempt.ended).failure?.fault.detail).toBe("SyntaxError");
});

describe("Attempt", () => {
  it("passes bytes as they come and serves at the end", async () => {
    const { exit, attempt, say } = attempting();
    say("one");
    expect(await attempt.begun).toBeUndefined();
    say("two");
    attempt.end();
    expect([exit.text, exit.state, await attempt.ended]).toEqual(["onetwo|", "ended", { kind: "served" }]);
  });

  it("ends the caller's answer when it is whole, and lets the engine run out", async () => {
    const { exit, attempt, calls, say } = attempting();
    exit.takes = false;
    say("on");
    say("e.");
    expect([exit.text, exit.state, calls]).toEqual(["one.", "ended", ["pause", "resume"]]);
    attempt.fail(failure(true, true));
    expect(await attempt.ended).toEqual({ kind: "served" });
  });

  it("serves what is whole though the engine broke before it said so, and remembers that it broke", async () => {
    const { exit, attempt, say } = attempting();
    say("one");
    attempt.reply.observed.finished = true;
    const broke = failure(true, true);
    attempt.fail(broke);
    expect([exit.text, exit.state, await attempt.ended]).toEqual(["one|", "ended", { kind: "served", failure: broke }]);
  });

  it("hangs up on an engine that goes on behind the end", () => {
    const { exit, calls, say } = attempting();
    say("one.");
    say("two");
    say("three");
    expect([exit.text, calls]).toEqual(["one.", ["resume", "cancel"]]);
  });

  it("pauses the engine while the caller reads slowly", () => {
    const { exit, calls, say } = attempting();
    exit.takes = false;
    say("one");
    exit.drain();
    expect(calls).toEqual(["pause", "resume"]);
  });

  it("cancels when the caller leaves, and hears nothing more", async () => {
    const { exit, attempt, calls, say } = attempting();
    say("one");
    exit.leave();
    say("two");
    attempt.end();
    expect([exit.text, calls, await attempt.ended]).toEqual(["one", ["cancel"], { kind: "abandoned" }]);
  });

  it("cancels what fails in band, and passes on what came before it", async () => {
    const { exit, attempt, calls, say } = attempting();
    say("one!");
    expect([exit.text, calls]).toEqual(["one!", ["cancel"]]);
    expect(await attempt.ended).toMatchObject({ kind: "failed", failure: { elsewhere: false } });
  });

  it("begins with its end when nothing went out", async () => {
    const { attempt } = attempting();
    attempt.fail(failure(true));
    expect(await attempt.begun).toMatchObject({ kind: "failed" });
  });

  it("trusts an engine no further whose answer no rule covers", async () => {
    const { attempt, calls, say } = attempting();
    say("?");
    const end = await attempt.ended;
    expect(end).toMatchObject({ kind: "failed", failure: { elsewhere: true, sick: true } });
    expect(end.kind === "failed" && end.failure.fault instanceof Fault && end.failure.fault.fault).toBe("engine_failed");
    expect(calls).toEqual(["cancel"]);
  });

  it("ends when the whole request has had its time, and nobody else gets any of it", async () => {
    const { delivery, attempt, calls } = attempting();
    delivery.expire();
    expect(await attempt.ended).toMatchObject({
      kind: "failed",
      failure: { elsewhere: false, sick: false, fault: { fault: "engine_timeout" } },
    });
    expect(calls).toEqual(["cancel"]);
  });
});
