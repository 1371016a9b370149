import { describe, expect, it } from "vitest";
import { ChoiceTally, isKey } from "../../../src/openai/choice-tally.ts";
import { ChunkEditor } from "../../../src/openai/chunk-editor.ts";
import { ChunkMould } from "../../../src/openai/chunk-mould.ts";
import { envelopeOf } from "../../../src/openai/envelope.ts";
import { splice, type Edit } from "../../../src/openai/splice.ts";
import { newObserved } from "../../../src/openai/usage-tap.ts";
import { call, faultOf, REQUEST } from "./fixtures.ts";

function editor(usageAsked = false) {
  const observed = newObserved();
  const made = new ChunkEditor(envelopeOf(call(), REQUEST, "tiny-llama"), observed, usageAsked);
  const read = (text: string) => {
    const bytes = Buffer.from(`xx${text}\n\n`);
    const verdict = made.read(bytes, 2, bytes.length - 2);
    return { verdict, text: splice(bytes, made.edits).toString().slice(2, -2) };
  };
  return { made, read, observed };
}

const cast = (text: string, created = 1): string =>
  `{"created":${created},"model":"tiny-llama","choices":[{"delta":{"content":"${text}"}}],"usage":null,"x":1}`;

describe("ChunkEditor", () => {
  it("gives a chunk that fits the mould what it gives one that it walks", () => {
    const { read, observed } = editor();
    const walked = read(cast("ab"));
    const moulded = read(cast('cdé\\"'));
    expect(moulded.text).toBe(walked.text.replace("ab", 'cdé\\"'));
    expect(walked.text).toBe('{"created":1,"model":"north-1","choices":[{"delta":{"content":"ab"}}],"x":1}');
    expect(observed).toMatchObject({ frames: 2, textBytes: 2 + 6 });
  });

  it("is not deceived by chunks that only begin or end like the mould", () => {
    const { made, read } = editor();
    read(cast("ab"));
    expect(read(cast("ab").replace('"x":1', '"x":2')).text).toContain('"x":2');
    read(cast("ab"));
    expect(made.finishes).toBe(0);
    expect(read(cast("ab", 12)).text).toContain('"created":12,"model":"north-1"');
    read(cast("ab"));
    expect(read(cast('ab"},"finish_reason":"stop","y":{"z":"')).text).toContain('"model":"north-1"');
    expect(made.finishes).toBe(1);
    expect(read(cast('ab"},"finish_reason":"stop","delta":{"content":"')).text).toContain('"model":"north-1"');
    expect(made.finishes).toBe(2);
    expect(read(cast("ab").replace('"x":1', '"x":1,"error":{"code":500}')).verdict).toBe("error");
    expect(read(cast("ab").replace('"usage":null', '"usage":{"prompt_tokens":1}')).text).not.toContain("usage");
    expect(faultOf(() => read(`${cast("ab")}}`)).fault).toBe("invalid_json");
    expect(faultOf(() => read(cast("ab").slice(0, -1))).fault).toBe("invalid_json");
  });

  it("does not let a chunk borrow its end from the next one", () => {
    const bytes = Buffer.from('{"model":"m"\n\n}');
    expect(faultOf(() => editor().made.read(bytes, 0, 12)).fault).toBe("invalid_json");
  });

  it("drops usage chunks, with or without an empty list of choices, from those who did not ask", () => {
    const usage = '"usage":{"prompt_tokens":1}';
    expect(editor().read(`{"choices":[],${usage}}`).verdict).toBe("drop");
    expect(editor().read(`{${usage}}`).verdict).toBe("drop");
    expect(editor(true).read(`{"choices":[],${usage}}`)).toEqual({ verdict: "pass", text: `{"choices":[],${usage}}` });
    expect(editor().read('{"usage":null,"choices":[{"text":"a"}]}').text).toBe('{"usage":null,"choices":[{"text":"a"}]}');
  });
});

describe("ChunkMould", () => {
  it("stops learning when no chunk ever fits, and fits nothing before the first lesson", () => {
    const mould = new ChunkMould();
    const edits: Edit[] = [];
    expect(mould.cast(Buffer.from('{"a":"b"}'), { start: 0, end: 9 }, edits)).toBe(-1);
    const lesson = (key: string): void => {
      const bytes = Buffer.from(`{"${key}":"b"}`);
      mould.learn(bytes, { start: 0, textStart: 5, textEnd: 8, end: 9 }, []);
    };
    for (let i = 0; i < 40; i++) lesson(i % 2 === 0 ? "a" : "z");
    lesson("q");
    expect(mould.cast(Buffer.from('{"q":"b"}'), { start: 0, end: 9 }, edits)).toBe(-1);
    expect(mould.cast(Buffer.from('{"z":"bbb"}'), { start: 0, end: 11 }, edits)).toBe(3);
    expect(edits).toEqual([]);
  });
});

describe("ChoiceTally", () => {
  const tally = (json: string) => {
    const made = new ChoiceTally();
    const bytes = Buffer.from(json);
    expect(made.read(bytes, 0)).toBe(bytes.length);
    return made;
  };

  it("counts choices, texts and reasons to finish", () => {
    const both = tally(
      '[{"delta":{"role":"assistant","content":"ab","refusal":null},"finish_reason":null},{"text":"cde","finish_reason":"stop"},7]',
    );
    expect(both).toMatchObject({ choices: 3, outputBytes: 5, finishes: 1, texts: 2 });
    expect(tally("null")).toMatchObject({ choices: 0, outputBytes: 0 });
    expect(tally('[{"message":{"tool_calls":[],"content":null}}]').outputBytes).toBe(0);
  });

  it("compares keys whole", () => {
    expect(isKey(Buffer.from('"text"'), 0, "text")).toBe(true);
    expect(isKey(Buffer.from('"texts"'), 0, "text")).toBe(false);
    expect(isKey(Buffer.from('"tex"'), 0, "text")).toBe(false);
  });
});
