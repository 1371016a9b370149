import { describe, expect, it } from "vitest";
import { StopHold } from "../../../../src/backends/triton/stop-hold.ts";

/** What comes out of pieces, one for each, and at the end. */
function said(stops: readonly string[], ...pieces: readonly string[]): readonly string[] {
  const hold = new StopHold(stops);
  return [...pieces.map((piece) => hold.push(piece)), hold.end(), String(hold.stopped)];
}

describe("stop sequences", () => {
  it("are cut away, with all that follows", () => {
    expect(said(["END"], "abENDcd", "ef")).toEqual(["ab", "", "", "true"]);
    expect(said(["x", "b"], "abx")).toEqual(["a", "", "true"]);
  });

  it("are held back while they may be coming, over as many pieces as it takes", () => {
    expect(said(["END"], "aE", "N", "D", "b")).toEqual(["a", "", "", "", "", "true"]);
    expect(said(["END"], "aE", "N", "o")).toEqual(["a", "", "ENo", "", "false"]);
    expect(said(["END"], "aEN")).toEqual(["a", "EN", "false"]);
    expect(said(["EEND"], "EE", "EN", "D!")).toEqual(["", "E", "", "", "true"]);
  });
});
