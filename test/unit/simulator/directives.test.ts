import { describe, expect, it } from "vitest";
import { readDirectives } from "../../../src/simulator/directives.ts";

describe("readDirectives", () => {
  it("reads every kind, and leaves the rest of the prompt", () => {
    expect(readDirectives("[[say:a\nb]] c]]")).toMatchObject({ say: "a\nb", rest: "c]]" });
    expect(readDirectives("x [[echo]] y")).toMatchObject({ echo: true, rest: "x  y" });
    expect(readDirectives("[[tokens:12]]")).toMatchObject({ tokens: 12, rest: "" });
    expect(readDirectives("[[fail:cut:3]]").fail).toEqual({ cutAfterTokens: 3 });
  });

  it("lets the last of a kind win", () => {
    expect(readDirectives("[[say:a]][[say:b]]").say).toBe("b");
  });

  it("takes what it does not know for text", () => {
    for (const text of ["[[say", "[[shout:a]]", "[[tokens:many]]", "[[tokens:99999999]]", "[[fail:nonsense]]", "[[fail:cut:x]]"]) {
      expect(readDirectives(text)).toEqual({ say: undefined, echo: false, tokens: undefined, fail: undefined, rest: text });
    }
  });
});
