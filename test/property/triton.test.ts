import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SpecialTokens } from "../../src/backends/triton/special-tokens.ts";
import { StopHold } from "../../src/backends/triton/stop-hold.ts";
import { TextFlow } from "../../src/backends/triton/text-flow.ts";
import { ToolReader, type ToolUse } from "../../src/backends/triton/tool-reader.ts";

/** A text in pieces. */
const PIECES = (text: fc.Arbitrary<string>): fc.Arbitrary<readonly string[]> => fc.array(text, { maxLength: 20 });

describe("marks in a caller's words", () => {
  const template = { source: "{{ bos_token }}[INST] <<SYS>>{{ x }}<</SYS>> [/INST] <start_of_turn>", bosToken: "<s>", eosToken: "</s>" };
  const special = new SpecialTokens(template, ["###"]);
  const piece = fc.constantFrom(
    "<|im_end|>",
    "<|",
    "|>",
    "im_end",
    "<s>",
    "</s>",
    "[INST]",
    "<",
    ">",
    "[",
    "INST]",
    "<<SYS>>",
    " ",
    "ab",
    "###",
    "##",
  );

  it("are never left, however they are put together, and nothing but space is added", () => {
    fc.assert(
      fc.property(PIECES(piece), (parts) => {
        const text = special.opened(parts.join(""));
        for (const mark of ["<|im_end|>", "<s>", "</s>", "[INST]", "<<SYS>>", "###"]) expect(text).not.toContain(mark);
        expect(text.replaceAll(" ", "")).toBe(parts.join("").replaceAll(" ", ""));
        expect(special.opened(text)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});

describe("stop sequences", () => {
  it("are never seen, and nothing before the first one is lost, wherever the text is cut", () => {
    const stops = fc.array(fc.stringMatching(/^[ab]{1,4}$/), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(PIECES(fc.stringMatching(/^[abc]{0,4}$/)), stops, (pieces, each) => {
        const text = pieces.join("");
        const hold = new StopHold(each);
        const out = pieces.map((piece) => hold.push(piece)).join("") + hold.end();
        for (const stop of each) expect(out).not.toContain(stop);
        expect(text.startsWith(out)).toBe(true);
        const stopped = each.some((stop) => text.includes(stop));
        expect(hold.stopped).toBe(stopped);
        if (!stopped) expect(out).toBe(text);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the text of frames", () => {
  it("is the same whether each frame holds what is new or all so far, with the prompt before it or not", () => {
    fc.assert(
      fc.property(PIECES(fc.string({ maxLength: 4 })), fc.string({ maxLength: 6 }), (pieces, prompt) => {
        const whole = prompt + pieces.join("");
        const adding = new TextFlow({ accumulates: false, echo: prompt });
        const added = [prompt, ...pieces].map((piece) => adding.next(piece) ?? "!").join("") + adding.rest();
        expect(added).toBe(pieces.join(""));
        const repeating = new TextFlow({ accumulates: true, echo: prompt });
        const cuts = Array.from({ length: whole.length + 1 }, (_, end) => whole.slice(0, end));
        expect(cuts.map((text) => repeating.next(text) ?? "!").join("") + repeating.rest()).toBe(pieces.join(""));
      }),
    );
  });
});

describe("calls of tools", () => {
  const call = '{"name":"f","arguments":{"a":1}}';
  const piece = fc.constantFrom(
    "<tool_call>",
    "</tool_call>",
    call,
    "<tool",
    "_call>",
    " ",
    "text",
    "\n",
    "[TOOL_CALLS]",
    "[",
    call,
    "<|python_tag|>",
    "{",
  );
  const uses: readonly ToolUse[] = [
    ...(["hermes", "llama3", "mistral"] as const).map((format) => ({ kind: "free", format }) as const),
    { kind: "list" },
    { kind: "one", name: "f" },
  ];

  it.each(uses)("%j read the same wherever the text is cut", (use) => {
    const read = (pieces: readonly string[]): readonly unknown[] => {
      const reader = new ToolReader(use);
      const text = pieces.map((each) => reader.push(each)).join("") + reader.end();
      return [text, reader.drain(), reader.held];
    };
    fc.assert(
      fc.property(PIECES(piece), (pieces) => {
        const whole = pieces.join("");
        expect(read(pieces)).toEqual(read([whole]));
        expect(read([...whole])).toEqual(read([whole]));
      }),
      { numRuns: 300 },
    );
  });
});
