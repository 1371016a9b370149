import type { Dispatcher } from "undici";
import { describe, expect, it } from "vitest";
import { Fault } from "../../../src/faults.ts";
import { Attempt } from "../../../src/transport/attempt.ts";
import { Notebook } from "./support.ts";

const LIMITS = { firstByteMsMax: 100, betweenBytesMsMax: 50, totalMsMax: 1_000 };
const RESET = Object.assign(new Error("reset"), { code: "ECONNRESET" });

/** undici's side of an exchange, and what it was told. */
class Controller implements Dispatcher.DispatchController {
  readonly told: string[] = [];
  readonly aborted = false;
  readonly paused = false;
  readonly reason = null;
  readonly rawHeaders = null;
  readonly rawTrailers = null;

  abort(): void {
    this.told.push("abort");
  }

  pause(): void {
    this.told.push("pause");
  }

  resume(): void {
    this.told.push("resume");
  }
}

function attempting({ fresh = true } = {}) {
  const notebook = new Notebook();
  const roster = new Set<Attempt>();
  const lane: string[] = [];
  const attempt = new Attempt({ listener: notebook, limits: LIMITS, roster, startedMs: 0 });
  roster.add(attempt);
  attempt.carriedBy({ takeFresh: () => (lane.push("fresh?"), fresh), released: () => void lane.push("released") });
  return { attempt, notebook, roster, lane, controller: new Controller() };
}

/** An exchange whose head has come. */
function answering() {
  const parts = attempting();
  parts.attempt.onRequestStart(parts.controller);
  parts.attempt.onResponseStarted();
  parts.attempt.onResponseStart(parts.controller, 200, {});
  return parts;
}

describe("an exchange", () => {
  it("tells its listener what comes, and is over at its end", () => {
    const { attempt, notebook, roster, lane, controller } = answering();
    attempt.onResponseData(controller, Buffer.from("hi"));
    expect(attempt.over).toBe(false);
    attempt.onResponseEnd();
    expect([notebook.events, notebook.text, attempt.over, roster.size]).toEqual([["head", "data", "end"], "hi", true, 0]);
    expect(lane).toEqual(["fresh?", "released"]);
  });

  it("does not take a 1xx for the answer", () => {
    const { attempt, notebook, controller } = attempting();
    attempt.onRequestStart(controller);
    attempt.onResponseStart(controller, 103, {});
    expect(notebook.events).toEqual([]);
  });

  it("never follows a redirect", () => {
    const { attempt, notebook, controller } = attempting();
    attempt.onRequestStart(controller);
    attempt.onResponseStart(controller, 307, { location: "http://elsewhere.test/" });
    attempt.onResponseData(controller, Buffer.from("x"));
    expect([notebook.events, notebook.verdict, controller.told]).toEqual([["fail"], "engine_failed elsewhere sick", ["abort"]]);
  });

  it("lets go of its connection once, however it ends", () => {
    const { attempt, lane, controller } = answering();
    attempt.onResponseEnd();
    attempt.onResponseError(controller, RESET);
    expect(lane.filter((each) => each === "released")).toHaveLength(1);
  });

  it.each([
    ["on a new connection is the engine's failure", true, "engine_failed elsewhere sick"],
    ["on one that was used before is none of its illness", false, "engine_unreachable elsewhere"],
  ])("that breaks before an answer %s", (_, fresh, verdict) => {
    const { attempt, notebook, controller } = attempting({ fresh });
    attempt.onRequestStart(controller);
    attempt.onResponseError(controller, RESET);
    expect(notebook.verdict).toBe(verdict);
  });

  it("that breaks within the body goes nowhere else", () => {
    const { attempt, notebook, controller } = answering();
    attempt.onResponseError(controller, RESET);
    expect([notebook.verdict, attempt.over]).toEqual(["engine_failed sick", true]);
  });

  it("fails nobody before dispatching has returned", async () => {
    const { attempt, notebook } = attempting();
    attempt.onResponseError(null, RESET);
    expect(notebook.events).toEqual([]);
    await notebook.over.promise;
    expect(notebook.verdict).toBe("engine_unreachable elsewhere sick");
  });
});

describe("a listener that throws", () => {
  it.each(["head", "data"] as const)("at %s is our mistake, and nothing more is told", (at) => {
    const { attempt, notebook, controller } = attempting();
    notebook[at] = () => {
      throw new Error("broken");
    };
    attempt.onRequestStart(controller);
    attempt.onResponseStart(controller, 200, {});
    attempt.onResponseData(controller, Buffer.from("x"));
    attempt.onResponseData(controller, Buffer.from("x"));
    expect([notebook.verdict, controller.told]).toEqual(["internal", ["abort"]]);
    expect(notebook.events.filter((event) => event === "fail")).toHaveLength(1);
  });
});

describe("the caller's handle", () => {
  it("cancels without a word, before and after", () => {
    const { attempt, notebook, roster, controller } = answering();
    attempt.cancel();
    attempt.cancel();
    attempt.onResponseData(controller, Buffer.from("x"));
    attempt.onResponseEnd();
    attempt.stop({ fault: new Fault("draining"), elsewhere: false, sick: false });
    expect([notebook.events, controller.told, roster.size]).toEqual([["head"], ["abort"], 0]);
  });

  it("cancelled while it waits never begins: throwing keeps the connection for others", () => {
    const { attempt, controller, lane } = attempting();
    attempt.cancel();
    expect(() => attempt.onRequestStart(controller)).toThrow("cancelled");
    expect([controller.told, lane]).toEqual([[], ["fresh?"]]);
  });

  it("pauses and resumes, also before there is anything to pause", () => {
    const { attempt, controller } = attempting();
    attempt.pause();
    attempt.onRequestStart(controller);
    expect(controller.told).toEqual(["pause"]);
    attempt.resume();
    attempt.resume();
    expect(controller.told).toEqual(["pause", "resume"]);
  });
});

describe("deadlines", () => {
  it("the first byte's runs from the start, connection and all", () => {
    const { attempt, notebook, controller } = attempting();
    attempt.sweep(LIMITS.firstByteMsMax);
    attempt.onRequestStart(controller);
    attempt.onResponseStarted();
    expect(notebook.events).toEqual([]);
    attempt.sweep(LIMITS.firstByteMsMax + 1);
    expect([notebook.verdict, controller.told]).toEqual(["engine_timeout elsewhere sick", ["abort"]]);
  });

  it("silence is counted from the last sweep that had heard something, and not while paused", () => {
    const { attempt, notebook, controller } = answering();
    attempt.sweep(100);
    attempt.sweep(150);
    attempt.onResponseData(controller, Buffer.from("x"));
    attempt.sweep(160);
    attempt.sweep(210);
    attempt.pause();
    attempt.sweep(500);
    attempt.sweep(550);
    attempt.resume();
    attempt.sweep(600);
    attempt.sweep(650);
    expect(notebook.verdict).toBe("none");
    attempt.sweep(651);
    expect(notebook.verdict).toBe("engine_timeout sick");
  });

  it("the total stands, paused or not, and is no illness", () => {
    const { attempt, notebook } = answering();
    attempt.pause();
    attempt.sweep(LIMITS.totalMsMax);
    expect(notebook.verdict).toBe("none");
    attempt.sweep(LIMITS.totalMsMax + 1);
    expect(notebook.verdict).toBe("engine_timeout");
  });
});
