import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import { server } from "../../../../src/config/schema/server.ts";

describe("deadlines", () => {
  it("are those of the bounds where nothing else is said, each by itself", () => {
    const { firstByteMsMax, betweenBytesMsMax, totalMsMax } = BOUNDS;
    expect(server.parse({}).deadlines).toEqual({
      first_byte_ms: firstByteMsMax,
      between_bytes_ms: betweenBytesMsMax,
      total_ms: totalMsMax,
    });
    expect(server.parse({ deadlines: { total_ms: 5_000 } }).deadlines).toMatchObject({ first_byte_ms: firstByteMsMax, total_ms: 5_000 });
  });

  it.each([{ first_byte_ms: 0 }, { total_ms: BOUNDS.totalMsMax + 1 }, { between_bytes_ms: 1.5 }, { idle_ms: 1 }])(
    "are not %o",
    (deadlines) => {
      expect(server.safeParse({ deadlines }).success).toBe(false);
    },
  );
});
