import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parentOf } from "../../../../src/telemetry/otel/traceparent.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN = "00f067aa0ba902b7";

describe("parentOf", () => {
  it("reads the trace, the caller's span and whether it is sampled", () => {
    expect(parentOf([`00-${TRACE}-${SPAN}-01`])).toEqual({ traceId: TRACE, spanId: SPAN, sampled: true });
    expect(parentOf([`00-${TRACE}-${SPAN}-02`])).toMatchObject({ sampled: false });
    expect(parentOf([`00-${TRACE}-${SPAN}-03`])).toMatchObject({ sampled: true });
  });

  it("reads what it knows of a later version", () => {
    expect(parentOf([`01-${TRACE}-${SPAN}-01-and-more`])).toMatchObject({ traceId: TRACE });
  });

  it.each<readonly [string, readonly string[]]>([
    ["none", []],
    ["several", [`00-${TRACE}-${SPAN}-01`, `00-${TRACE}-${SPAN}-01`]],
    ["more behind the first version", [`00-${TRACE}-${SPAN}-01-more`]],
    ["the version that is none", [`ff-${TRACE}-${SPAN}-01`]],
    ["no trace", [`00-${"0".repeat(32)}-${SPAN}-01`]],
    ["no span", [`00-${TRACE}-${"0".repeat(16)}-01`]],
    ["capitals", [`00-${TRACE.toUpperCase()}-${SPAN}-01`]],
    ["too short a trace", [`00-${TRACE.slice(1)}-${SPAN}-01`]],
    ["blanks", [` 00-${TRACE}-${SPAN}-01`]],
    ["a line break", [`00-${TRACE}-${SPAN}-01\n`]],
    ["a novel", [`01-${TRACE}-${SPAN}-01-${"a".repeat(10_000)}`]],
  ])("takes %s for no parent", (_, values) => {
    expect(parentOf(values)).toBeUndefined();
  });

  it("lets nothing through that is not hexadecimal", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 140 }), (text) => {
        const parent = parentOf([text]);
        expect(parent === undefined || /^[0-9a-f]{48}$/.test(parent.traceId + parent.spanId)).toBe(true);
      }),
    );
  });
});
