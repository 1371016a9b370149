import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { Fault } from "../../../src/faults.ts";
import { Attempt, type Carrier } from "../../../src/transport/attempt.ts";
import { Notebook } from "./support.ts";

const LIMITS = { firstByteMsMax: 100, betweenBytesMsMax: 50, totalMsMax: 1_000 };
const RESET = Object.assign(new Error("reset"), { code: "ECONNRESET" });

/** The connection's side of an exchange, and what it was told. */
class Wire implements Carrier {
  readonly told: string[] = [];

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

function attempting(limits = LIMITS) {
  const notebook = new Notebook();
  const roster = new Set<Attempt>();
  const attempt = new Attempt({ listener: notebook, limits, roster, startedMs: 0 });
  roster.add(attempt);
  return { attempt, notebook, roster, wire: new Wire() };
}

/** An exchange whose head has come. */
function answering(limits = LIMITS) {
  const parts = attempting(limits);
  parts.attempt.begin(parts.wire, false);
  parts.attempt.begun();
  parts.attempt.answered(200, {});
  return parts;
}

describe("an exchange", () => {
  it("tells its listener what comes, and is over at its end", () => {
    const { attempt, notebook, roster } = answering();
    attempt.received(Buffer.from("hi"));
    expect(attempt.over).toBe(false);
    attempt.ended();
    expect([notebook.events, notebook.text, attempt.over, roster.size]).toEqual([["head", "data", "end"], "hi", true, 0]);
  });

  it("never follows a redirect", () => {
    const { attempt, notebook, wire } = attempting();
    attempt.begin(wire, false);
    attempt.answered(307, { location: "http://elsewhere.test/" });
    attempt.received(Buffer.from("x"));
    expect([notebook.events, notebook.verdict, wire.told]).toEqual([["fail"], "engine_failed elsewhere sick", ["abort"]]);
  });

  it.each([
    ["on a new connection is the engine's failure", false, "engine_failed elsewhere sick"],
    ["on one that was used before is none of its illness", true, "engine_unreachable elsewhere"],
  ])("that breaks before an answer %s", (_, used, verdict) => {
    const { attempt, notebook, wire } = attempting();
    attempt.begin(wire, used);
    attempt.broke(RESET);
    expect(notebook.verdict).toBe(verdict);
  });

  it("on a connection that was used before is the engine's failure, when it breaks long after the request went out", () => {
    const { attempt, notebook, wire } = attempting({ firstByteMsMax: 60_000, betweenBytesMsMax: 60_000, totalMsMax: 60_000 });
    attempt.begin(wire, true);
    attempt.sweep(BOUNDS.upstreamStaleMsMax + 1);
    attempt.broke(RESET);
    expect(notebook.verdict).toBe("engine_failed elsewhere sick");
  });

  it("that breaks within the body may go elsewhere: whether its caller has any of it is not known here", () => {
    const { attempt, notebook } = answering();
    attempt.broke(RESET);
    expect([notebook.verdict, attempt.over]).toEqual(["engine_failed elsewhere sick", true]);
  });

  it("fails nobody before dispatching has returned", async () => {
    const { attempt, notebook } = attempting();
    attempt.brokeBefore(RESET);
    expect(notebook.events).toEqual([]);
    await notebook.over.promise;
    expect(notebook.verdict).toBe("engine_unreachable elsewhere sick");
  });
});

describe("a listener that throws", () => {
  it.each(["head", "data"] as const)("at %s is our mistake, and nothing more is told", (at) => {
    const { attempt, notebook, wire } = attempting();
    notebook[at] = () => {
      throw new Error("broken");
    };
    attempt.begin(wire, false);
    attempt.answered(200, {});
    attempt.received(Buffer.from("x"));
    attempt.received(Buffer.from("x"));
    expect([notebook.verdict, wire.told]).toEqual(["internal", ["abort"]]);
    expect(notebook.events.filter((event) => event === "fail")).toHaveLength(1);
  });
});

describe("the caller's handle", () => {
  it("cancels without a word, before and after", () => {
    const { attempt, notebook, roster, wire } = answering();
    attempt.cancel();
    attempt.cancel();
    attempt.received(Buffer.from("x"));
    attempt.ended();
    attempt.stop({ fault: new Fault("draining"), elsewhere: false, sick: false });
    expect([notebook.events, wire.told, roster.size]).toEqual([["head"], ["abort"], 0]);
  });

  it("cancelled while it waits never begins: the connection stays for others", () => {
    const { attempt, wire } = attempting();
    attempt.cancel();
    expect(attempt.begin(wire, false)).toBe(false);
    expect(wire.told).toEqual([]);
  });

  it("pauses and resumes, also before there is anything to pause", () => {
    const { attempt, wire } = attempting();
    attempt.pause();
    attempt.begin(wire, false);
    expect(wire.told).toEqual(["pause"]);
    attempt.resume();
    attempt.resume();
    expect(wire.told).toEqual(["pause", "resume"]);
  });
});

describe("deadlines", () => {
  it("the first byte's runs from the start, connection and all", () => {
    const { attempt, notebook, wire } = attempting();
    attempt.sweep(LIMITS.firstByteMsMax);
    attempt.begin(wire, false);
    attempt.begun();
    expect(notebook.events).toEqual([]);
    attempt.sweep(LIMITS.firstByteMsMax + 1);
    expect([notebook.verdict, wire.told]).toEqual(["engine_timeout elsewhere sick", ["abort"]]);
  });

  it("silence is counted from the last sweep that had heard something, and not while paused", () => {
    const { attempt, notebook } = answering();
    attempt.sweep(100);
    attempt.sweep(150);
    attempt.received(Buffer.from("x"));
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
    expect(notebook.verdict).toBe("engine_timeout elsewhere sick");
  });

  it("silence behind an answer that its caller has as a whole is borne for a short while only", () => {
    const long = { firstByteMsMax: 60_000, betweenBytesMsMax: 60_000, totalMsMax: 60_000 };
    const { attempt, notebook } = answering(long);
    attempt.sweep(100);
    attempt.linger();
    attempt.sweep(100 + BOUNDS.upstreamLingerMs);
    expect(notebook.verdict).toBe("none");
    attempt.sweep(101 + BOUNDS.upstreamLingerMs);
    expect(notebook.verdict).toBe("engine_timeout elsewhere sick");
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
