import { describe, expect, it } from "vitest";
import { countAt, json, recordsAt, textAt } from "../../../../src/cli/init/json.ts";

describe("answers of strangers", () => {
  it("reads JSON of a 200 only", async () => {
    expect(await json(() => Promise.resolve({ status: 200, body: '{"a":1}' }), "u")).toEqual({ a: 1 });
    expect(await json(() => Promise.resolve({ status: 404, body: '{"a":1}' }), "u")).toBeUndefined();
    expect(await json(() => Promise.resolve({ status: 200, body: "{" }), "u")).toBeUndefined();
  });

  it("takes only what has the right kind", () => {
    const answer = { text: "x", empty: "", count: 3, half: 1.5, minus: -1, list: [{ a: 1 }, 2, null] };
    expect([textAt(answer, ["text"]), textAt(answer, ["empty"]), textAt(answer, ["count"])]).toEqual(["x", undefined, undefined]);
    expect([countAt(answer, ["count"]), countAt(answer, ["half"]), countAt(answer, ["minus"])]).toEqual([3, undefined, undefined]);
    expect(recordsAt(answer, ["list"])).toEqual([{ a: 1 }]);
    expect(recordsAt(answer, ["text"])).toEqual([]);
  });
});
