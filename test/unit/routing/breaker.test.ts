import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { Breaker } from "../../../src/routing/breaker.ts";

function opened(): Breaker {
  const breaker = new Breaker();
  for (let i = 0; i < BOUNDS.breakerFailuresMax; i++) breaker.failed(0);
  return breaker;
}

describe("closed", () => {
  it("opens at the last of a run of failures, not before", () => {
    const breaker = new Breaker();
    for (let i = 1; i < BOUNDS.breakerFailuresMax; i++) breaker.failed(0);
    expect(breaker.allows(0)).toBe(true);
    breaker.failed(0);
    expect(breaker.state).toBe("open");
    expect(breaker.allows(0)).toBe(false);
  });

  it("a success ends the run", () => {
    const breaker = new Breaker();
    for (let i = 1; i < BOUNDS.breakerFailuresMax; i++) breaker.failed(0);
    breaker.succeeded(0);
    breaker.failed(0);
    expect(breaker.state).toBe("closed");
  });

  it("opens when too large a share failed, once there were enough requests", () => {
    const breaker = new Breaker();
    for (let i = 0; i < BOUNDS.breakerRequestsMin / 2 - 1; i++) {
      breaker.succeeded(0);
      breaker.failed(0);
    }
    expect(breaker.state).toBe("closed");
    breaker.succeeded(0);
    breaker.failed(0);
    expect(breaker.state).toBe("open");
  });

  it("stays closed while the share is small, and forgets old failures", () => {
    const breaker = new Breaker();
    for (let i = 0; i < 200; i++) {
      breaker.succeeded(i);
      breaker.succeeded(i);
      breaker.failed(i);
    }
    expect(breaker.state).toBe("closed");
    const later = new Breaker();
    for (let i = 0; i < 18; i++) later[i % 2 === 0 ? "failed" : "succeeded"](0);
    later.succeeded(BOUNDS.breakerWindowMs);
    later.failed(BOUNDS.breakerWindowMs);
    expect(later.state).toBe("closed");
  });
});

describe("open", () => {
  it("allows a trial when the pause is over; asking does not start it", () => {
    const breaker = opened();
    expect(breaker.allows(BOUNDS.breakerOpenMs - 1)).toBe(false);
    expect(breaker.allows(BOUNDS.breakerOpenMs)).toBe(true);
    expect(breaker.allows(BOUNDS.breakerOpenMs)).toBe(true);
    expect(breaker.state).toBe("open");
  });

  it("answers from before change nothing", () => {
    const breaker = opened();
    breaker.succeeded(10);
    breaker.failed(10);
    breaker.began(10);
    breaker.released(10);
    expect(breaker.state).toBe("open");
    expect(breaker.allows(BOUNDS.breakerOpenMs - 1)).toBe(false);
    expect(breaker.allows(BOUNDS.breakerOpenMs)).toBe(true);
  });
});

describe("half-open", () => {
  const trialMs = BOUNDS.breakerOpenMs;
  function onTrial(): Breaker {
    const breaker = opened();
    breaker.began(trialMs);
    return breaker;
  }

  it("lets one through", () => {
    const breaker = onTrial();
    expect(breaker.state).toBe("half-open");
    expect(breaker.allows(trialMs)).toBe(false);
  });

  it("closes on success, with a clean slate", () => {
    const breaker = onTrial();
    breaker.succeeded(trialMs + 5);
    expect(breaker.state).toBe("closed");
    for (let i = 1; i < BOUNDS.breakerFailuresMax; i++) breaker.failed(trialMs + 5);
    expect(breaker.state).toBe("closed");
  });

  it("opens on failure, twice as long each time, up to the longest pause", () => {
    const breaker = onTrial();
    let nowMs = trialMs;
    let pauseMs: number = BOUNDS.breakerOpenMs;
    for (let i = 0; i < 8; i++) {
      breaker.failed(nowMs);
      pauseMs = Math.min(pauseMs * 2, BOUNDS.breakerOpenMsMax);
      expect(breaker.allows(nowMs + pauseMs - 1)).toBe(false);
      expect(breaker.allows(nowMs + pauseMs)).toBe(true);
      nowMs += pauseMs;
      breaker.began(nowMs);
    }
    expect(pauseMs).toBe(BOUNDS.breakerOpenMsMax);
  });

  it("gives the trial to the next when it ended without a verdict or was lost", () => {
    const released = onTrial();
    released.released(trialMs + 1);
    expect(released.allows(trialMs + 1)).toBe(true);
    const lost = onTrial();
    expect(lost.allows(trialMs + BOUNDS.breakerTrialMsMax - 1)).toBe(false);
    expect(lost.allows(trialMs + BOUNDS.breakerTrialMsMax)).toBe(true);
  });
});

describe("an answer that has begun", () => {
  function tried(): Breaker {
    const breaker = opened();
    breaker.began(BOUNDS.breakerOpenMs);
    breaker.answered();
    return breaker;
  }

  it("closes: the whole of it may take minutes", () => {
    expect([tried().state, tried().allows(BOUNDS.breakerOpenMs)]).toEqual(["closed", true]);
  });

  it("is on probation: one failure opens again, for as long as before", () => {
    const breaker = tried();
    breaker.failed(2_000);
    expect([breaker.allows(2_000 + BOUNDS.breakerOpenMs - 1), breaker.allows(2_000 + BOUNDS.breakerOpenMs)]).toEqual([false, true]);
  });

  it("does not make a pause forgotten that had grown, before one has succeeded", () => {
    const breaker = opened();
    breaker.began(1_000);
    breaker.failed(1_000);
    breaker.began(3_000);
    breaker.answered();
    breaker.failed(3_000);
    expect([breaker.allows(4_999), breaker.allows(5_000)]).toEqual([false, true]);
    breaker.began(5_000);
    breaker.answered();
    breaker.succeeded(5_000);
    for (let i = 0; i < BOUNDS.breakerFailuresMax; i++) breaker.failed(6_000);
    expect([breaker.allows(6_999), breaker.allows(7_000)]).toEqual([false, true]);
  });

  it("means nothing where no trial runs", () => {
    const breaker = opened();
    breaker.answered();
    expect(breaker.state).toBe("open");
  });
});

describe("a backend that was down and is up again", () => {
  it("is tried at once, however long its pause has grown", () => {
    const breaker = opened();
    breaker.began(1_000);
    breaker.failed(1_000);
    expect(breaker.allows(1_500)).toBe(false);
    breaker.revived(1_500);
    expect(breaker.allows(1_500)).toBe(true);
    breaker.began(1_500);
    breaker.failed(1_500);
    expect(breaker.allows(1_500 + BOUNDS.breakerOpenMs * 2)).toBe(true);
  });

  it("has nothing to be tried for while closed", () => {
    const breaker = new Breaker();
    breaker.revived(0);
    expect(breaker.state).toBe("closed");
  });
});
