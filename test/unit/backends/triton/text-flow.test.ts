import { describe, expect, it } from "vitest";
import { TextFlow } from "../../../../src/backends/triton/text-flow.ts";

function flow(manner: { readonly accumulates?: boolean; readonly echo?: string }, ...texts: readonly string[]) {
  const made = new TextFlow({ accumulates: false, echo: "", ...manner });
  return texts.map((text) => made.next(text));
}

describe("frames that follow each other", () => {
  it("are new as they are", () => {
    expect(flow({}, "a", "", "a")).toEqual(["a", "", "a"]);
  });
});

describe("frames that repeat all of the answer", () => {
  it("are new in what they add", () => {
    expect(flow({ accumulates: true }, "a", "a b", "a b", "a b c")).toEqual(["a", " b", "", " c"]);
  });

  it("may write half a character as a replacement and put it right later", () => {
    expect(flow({ accumulates: true }, "a\uFFFD", "a\uFFFD\uFFFD", "aü", "aü!")).toEqual(["a", "", "ü", "!"]);
  });

  it("must go on from each other, or nobody knows what the answer is", () => {
    expect(flow({ accumulates: true }, "ab", "a", "ax")).toEqual(["ab", "", undefined]);
  });
});

describe("frames that begin with the prompt", () => {
  it("lose it, however it is cut", () => {
    expect(flow({ echo: "hello" }, "hello you", " there")).toEqual([" you", " there"]);
    expect(flow({ echo: "hello" }, "he", "llo", " you")).toEqual(["", "", " you"]);
    expect(flow({ echo: "hello", accumulates: true }, "he", "hello y", "hello you")).toEqual(["", " y", "ou"]);
  });

  it("that turn out to be something else are the model's own", () => {
    expect(flow({ echo: "hello" }, "he", "l", "p")).toEqual(["", "", "help"]);
    expect(flow({ echo: "hello" }, "bye", "hello")).toEqual(["bye", "hello"]);
    const short = new TextFlow({ accumulates: false, echo: "hello" });
    expect([short.next("he"), short.rest(), short.rest()]).toEqual(["", "he", ""]);
    const whole = new TextFlow({ accumulates: false, echo: "hello" });
    expect([whole.next("hello"), whole.rest()]).toEqual(["", ""]);
  });
});
