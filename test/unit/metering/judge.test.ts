import { describe, expect, it } from "vitest";
import { NO_USAGE, type Observed, type Outcome, type Usage } from "../../../src/domain/usage.ts";
import { judge } from "../../../src/metering/judge.ts";

const BOUNDS = { promptTokensEstimate: 25, promptTokensMax: 100, completionTokensMax: 50 };

type Parts = Partial<Omit<Observed, "reported">> & { reported?: Partial<NonNullable<Observed["reported"]>> };

/** A whole answer, unless `parts` say otherwise: ten frames with forty bytes. */
function seen(parts: Parts = {}): Observed {
  const { reported, ...rest } = parts;
  return {
    reports: reported === undefined ? 0 : 1,
    frames: 10,
    textBytes: 40,
    finished: true,
    reported:
      reported === undefined ? undefined : { promptTokens: undefined, cachedTokens: undefined, completionTokens: undefined, ...reported },
    ...rest,
  };
}

const used = (promptTokens: number, completionTokens: number, source: Usage["source"], cachedTokens = 0): Usage => ({
  promptTokens,
  cachedTokens,
  completionTokens,
  source,
});
const CUT: readonly Outcome[] = ["failed", "abandoned", "crashed"];
const SANE = { promptTokens: 30, cachedTokens: 20, completionTokens: 12 };
const ABSURD = [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, Number.MAX_SAFE_INTEGER + 1];

describe("judge: the engine's statement", () => {
  it("U1: a sane count of a whole answer stands as it is", () => {
    expect(judge(seen({ reported: SANE }), BOUNDS, "served")).toEqual({ usage: used(30, 12, "backend", 20), anomalies: [] });
  });

  it("U1: it stands below and above what we counted", () => {
    expect(judge(seen({ reported: { ...SANE, completionTokens: 1 } }), BOUNDS, "served").usage.completionTokens).toBe(1);
    expect(judge(seen({ reported: { ...SANE, completionTokens: 50 } }), BOUNDS, "served").usage.completionTokens).toBe(50);
  });

  it("U2: an explicit zero is a number, and flagged where text came", () => {
    const zero = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 };
    expect(judge(seen({ reported: zero }), BOUNDS, "served")).toEqual({ usage: used(0, 0, "backend"), anomalies: ["zero_with_output"] });
    expect(judge(seen({ reported: zero, frames: 0, textBytes: 0 }), BOUNDS, "served").anomalies).toEqual([]);
  });

  it.each([2, 500])("U3, U4: of %d statements the latest stands, and none is added", (reports) => {
    expect(judge(seen({ reported: SANE, reports }), BOUNDS, "served")).toEqual({ usage: used(30, 12, "backend", 20), anomalies: [] });
  });
});

describe("judge: no statement, or none that can be", () => {
  it("U5: without usage the output is counted in frames, the prompt is the estimate", () => {
    expect(judge(seen(), BOUNDS, "served")).toEqual({ usage: used(25, 10, "estimated"), anomalies: ["usage_absent"] });
  });

  it("U5: bytes speak where they say more: several tokens in a frame, or an answer in one piece", () => {
    expect(judge(seen({ frames: 1, textBytes: 41 }), BOUNDS, "served").usage).toEqual(used(25, 11, "estimated"));
  });

  it("U6: only what is missing is counted", () => {
    expect(judge(seen({ reported: { promptTokens: 30, cachedTokens: 5 } }), BOUNDS, "served")).toEqual({
      usage: used(30, 10, "counted", 5),
      anomalies: ["completion_absent"],
    });
    expect(judge(seen({ reported: { promptTokens: 30 }, frames: 1 }), BOUNDS, "served").usage.source).toBe("estimated");
    expect(judge(seen({ reported: { completionTokens: 12 } }), BOUNDS, "served")).toEqual({
      usage: used(25, 12, "estimated"),
      anomalies: ["prompt_absent"],
    });
  });

  it.each(ABSURD)("U7: %d is no count of tokens and is taken as absent", (value) => {
    expect(judge(seen({ reported: { ...SANE, completionTokens: value } }), BOUNDS, "served")).toEqual({
      usage: used(30, 10, "counted", 20),
      anomalies: ["completion_absurd"],
    });
    expect(judge(seen({ reported: { ...SANE, promptTokens: value, cachedTokens: undefined } }), BOUNDS, "served")).toEqual({
      usage: used(25, 12, "estimated"),
      anomalies: ["prompt_absurd"],
    });
  });

  it("U8: more than was asked for, or than the context holds, is taken as absent", () => {
    expect(judge(seen({ reported: { ...SANE, completionTokens: 51 } }), BOUNDS, "served").usage).toEqual(used(30, 10, "counted", 20));
    expect(judge(seen({ reported: { promptTokens: 101, completionTokens: 12 } }), BOUNDS, "served").usage).toEqual(
      used(25, 12, "estimated"),
    );
    expect(judge(seen({ reported: { ...SANE, promptTokens: 100, completionTokens: 50 } }), BOUNDS, "served").usage).toEqual(
      used(100, 50, "backend", 20),
    );
  });

  it("U9: our own count and guess have the same bounds", () => {
    expect(judge(seen({ frames: 1_165_619, textBytes: 9_000_000 }), { ...BOUNDS, promptTokensEstimate: 999 }, "served").usage).toEqual(
      used(100, 50, "estimated"),
    );
    expect(
      judge(seen({ reported: { promptTokens: 1, completionTokens: 0 }, frames: 99, finished: false }), BOUNDS, "abandoned").usage
        .completionTokens,
    ).toBe(50);
  });

  it.each([...ABSURD, 31])("U10: %d cached tokens of 30 are none", (cachedTokens) => {
    expect(judge(seen({ reported: { ...SANE, cachedTokens } }), BOUNDS, "served")).toEqual({
      usage: used(30, 12, "backend"),
      anomalies: ["cached_absurd"],
    });
  });

  it("U10: a prompt that was guessed has no cached part", () => {
    expect(judge(seen({ reported: { cachedTokens: 5, completionTokens: 12 } }), BOUNDS, "served").usage.cachedTokens).toBe(0);
  });

  it("U11: where no completion can be there is none, stated or not", () => {
    const bounds = { ...BOUNDS, completionTokensMax: 0 };
    const whole = { frames: 0, textBytes: 0 };
    expect(judge(seen({ ...whole, reported: { promptTokens: 30 } }), bounds, "served")).toEqual({
      usage: used(30, 0, "backend"),
      anomalies: [],
    });
    expect(judge(seen({ ...whole, reported: { promptTokens: 30, completionTokens: 3 } }), bounds, "served").usage).toEqual(
      used(30, 0, "backend"),
    );
    expect(judge(seen(whole), bounds, "served").usage).toEqual(used(25, 0, "estimated"));
  });
});

describe("judge: answers that were cut", () => {
  it("U12, U13: a failure before the first output costs nothing, whatever was stated", () => {
    for (const parts of [{}, { reported: SANE }, { finished: false }, { reported: SANE, finished: false }]) {
      expect(judge(seen({ ...parts, frames: 0, textBytes: 0 }), BOUNDS, "failed")).toEqual({ usage: NO_USAGE, anomalies: [] });
    }
  });

  it("U14: a failure after output costs the prompt and what was relayed", () => {
    expect(judge(seen({ finished: false }), BOUNDS, "failed")).toEqual({
      usage: used(25, 10, "estimated"),
      anomalies: ["usage_absent", "unfinished"],
    });
    expect(judge(seen({ finished: false, reported: SANE }), BOUNDS, "failed").usage).toEqual(used(30, 12, "backend", 20));
  });

  it.each(["abandoned", "crashed"] as const)("U15: %s before the first output costs nothing", (outcome) => {
    expect(judge(seen({ finished: false, frames: 0, textBytes: 0 }), BOUNDS, outcome).usage).toEqual(NO_USAGE);
    expect(
      judge(seen({ finished: false, frames: 0, textBytes: 0, reported: { promptTokens: 30, completionTokens: 0 } }), BOUNDS, outcome).usage,
    ).toEqual(NO_USAGE);
  });

  it.each(CUT)("U16: %s after output costs the greater of the latest statement and the frames", (outcome) => {
    const early = { promptTokens: 30, completionTokens: 1 };
    expect(judge(seen({ finished: false, reported: early, textBytes: 4_000 }), BOUNDS, outcome).usage).toEqual(used(30, 10, "counted"));
    expect(judge(seen({ finished: false, reported: { ...early, completionTokens: 11 } }), BOUNDS, outcome).usage).toEqual(
      used(30, 11, "backend"),
    );
    expect(judge(seen({ finished: false }), BOUNDS, outcome).usage).toEqual(used(25, 10, "estimated"));
  });

  it("U17: who leaves after the whole answer pays for the whole answer", () => {
    expect(judge(seen({ reported: SANE }), BOUNDS, "abandoned")).toEqual({ usage: used(30, 12, "backend", 20), anomalies: [] });
    expect(
      judge(seen({ reported: { promptTokens: 30, completionTokens: 0 }, frames: 0, textBytes: 0 }), BOUNDS, "abandoned").usage,
    ).toEqual(used(30, 0, "backend"));
  });

  it("U18: one that ended cleanly with a statement and no sign of its end costs what it states", () => {
    const observed = seen({ finished: false, frames: 0, textBytes: 0, reported: { promptTokens: 30, completionTokens: 0 } });
    expect(judge(observed, BOUNDS, "served")).toEqual({ usage: used(30, 0, "backend"), anomalies: ["unfinished"] });
  });

  it("U18: an answer that ended cleanly and brought nothing at all costs nothing", () => {
    expect(judge(seen({ finished: false, frames: 0, textBytes: 0 }), BOUNDS, "served").usage).toEqual(NO_USAGE);
  });
});
