import { describe, expect, it } from "vitest";
import { ChatChunk, members } from "../../../../src/openai/responses/chat-chunk.ts";
import { chunk } from "./support.ts";

function read(reader: ChatChunk, frame: string): { readonly bytes: Buffer; readonly texts: readonly string[] } {
  const bytes = Buffer.from(frame.trim());
  reader.read(bytes, "data: ".length, bytes.length);
  return { bytes, texts: reader.texts.map(({ start, end }) => bytes.toString("utf8", start, end)) };
}

describe("ChatChunk", () => {
  it("reads texts by their names, whatever lies around them", () => {
    const reader = new ChatChunk();
    expect(read(reader, chunk({ role: "assistant", content: "", reasoning: null })).texts).toEqual([]);
    expect(read(reader, chunk({ content: 'say "content":"x"' })).texts).toEqual(['"say \\"content\\":\\"x\\""']);
    expect([read(reader, chunk({ reasoning: "r", content: "c", refusal: "n" })).texts, [...reader.kinds]]).toEqual([
      ['"r"', '"c"', '"n"'],
      ["reasoning", "content", "refusal"],
    ]);
  });

  it("reads chunks of one cast like the first, and others anew", () => {
    const reader = new ChatChunk();
    const seen = ["one", "", "two é", "three"].map((content) => read(reader, chunk({ content })).texts);
    expect(seen).toEqual([['"one"'], [], ['"two é"'], ['"three"']]);
    expect([read(reader, chunk({ reasoning: "hm" })).texts, reader.kinds]).toEqual([['"hm"'], ["reasoning"]]);
    read(reader, chunk({ reasoning: "hm" }));
    expect(reader.kinds).toEqual(["reasoning"]);
    expect([
      read(reader, chunk({ content: "x" }, { finish: "stop", usage: { prompt_tokens: 1 } })).texts,
      reader.finish !== undefined,
      reader.usage !== undefined,
    ]).toEqual([['"x"'], true, true]);
  });

  it("reads fragments of calls", () => {
    const reader = new ChatChunk();
    const { bytes } = read(
      reader,
      chunk({
        tool_calls: [
          { index: 1, id: "c", type: "function", function: { name: "f", arguments: "{}" } },
          { index: 2, function: {} },
        ],
      }),
    );
    const [first, second] = reader.calls;
    expect(first?.arguments === undefined ? "" : bytes.toString("utf8", first.arguments.start, first.arguments.end)).toBe('"{}"');
    expect([second?.id, second?.name, reader.calls.length]).toEqual([undefined, undefined, 2]);
  });

  it("shows members of an object, and throws at what is none", () => {
    const bytes = Buffer.from('{ "a" : 1 , "b":[2] }');
    const values: string[] = [];
    members(bytes, 0, (_, value, after) => values.push(bytes.toString("utf8", value, after)));
    expect(values).toEqual(["1", "[2]"]);
    expect(() => read(new ChatChunk(), "data: []")).toThrow();
    expect(() => read(new ChatChunk(), 'data: {"choices":[{"delta":{"content":"x}]}')).toThrow();
  });
});
