import { describe, expect, it } from "vitest";
import { Columns } from "../../../src/policies/columns.ts";
import type { Target } from "../../../src/policies/ground.ts";

const NOTHING: Target = { known: [], certificates: [] };
const covers = (...codes: readonly number[]): Uint8Array => Uint8Array.from({ length: 60 }, (_, code) => (codes.includes(code) ? 1 : 0));

describe("Columns", () => {
  it("hold a fact over all targets, and nothing passes where it is absent or empty", () => {
    const one: Target = { known: [{ members: [7], rank: 2, untilMs: 10 }], certificates: [] };
    const two: Target = { known: [{ members: [7, 8], rank: 1, untilMs: 20 }], certificates: [] };
    const empty: Target = { known: [{ members: [], rank: 3, untilMs: 30 }], certificates: [] };
    const column = new Columns([one, two, empty, NOTHING]).ofFact(0);
    expect(column).toEqual({
      untilMs: Float64Array.of(10, 20, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY),
      rank: Int8Array.of(2, 1, 3, -1),
      value: Int32Array.of(7, -1, -1, -1),
      several: [undefined, [7, 8], [], undefined],
    });
  });

  it("hold a certificate by code and rung: the last end of several", () => {
    const target: Target = {
      known: [],
      certificates: [
        { covers: covers(3, 4), rank: 0, untilMs: 50 },
        { covers: covers(3), rank: 2, untilMs: 40 },
      ],
    };
    const columns = new Columns([target, NOTHING]);
    const none = Number.NEGATIVE_INFINITY;
    expect(
      [columns.ofCertificate(3, 0), columns.ofCertificate(3, 1), columns.ofCertificate(4, 1), columns.ofCertificate(4, 0)].map((each) => [
        ...each,
      ]),
    ).toEqual([
      [50, none],
      [40, none],
      [none, none],
      [50, none],
    ]);
  });
});
