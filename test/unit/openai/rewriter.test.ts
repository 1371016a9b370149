import { describe, expect, it } from "vitest";
import { Rewriter } from "../../../src/openai/rewriter.ts";

describe("Rewriter", () => {
  it("gives the source's own bytes when nothing is replaced", () => {
    const source = Buffer.from("0123456789");
    const rewriter = new Rewriter();
    rewriter.begin(source, 0);
    const out = rewriter.finish(10);
    expect(out?.toString()).toBe("0123456789");
    expect(out?.buffer).toBe(source.buffer);
  });

  it("replaces, drops and starts afresh", () => {
    const rewriter = new Rewriter();
    for (let round = 0; round < 2; round++) {
      rewriter.begin(Buffer.from("0123456789"), 1);
      rewriter.replace(2, 4, Buffer.from("xyz"));
      rewriter.replace(5, 8, Buffer.alloc(0));
      expect(rewriter.finish(9)?.toString()).toBe("1xyz48");
    }
    rewriter.begin(Buffer.from("abc"), 0);
    rewriter.replace(0, 3, Buffer.alloc(0));
    expect(rewriter.finish(3)).toBeUndefined();
    rewriter.begin(Buffer.from("abc"), 0);
    expect(rewriter.finish(0)).toBeUndefined();
  });
});
