import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fault } from "../../src/faults.ts";
import { scan } from "../../src/openai/json-scan.ts";
import { FrameReader } from "../../src/openai/sse-frames.ts";
import { editMembers } from "../../src/openai/splice.ts";
import { CHECKS, chunk, DONE, FINISH, frame, relay, ROLE, USAGE, USAGE_FRAME, WORDS, BUSY } from "../unit/openai/fixtures.ts";

/** The text cut at these places. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

const PLACES = fc.array(fc.nat(5000), { maxLength: 30 });

function frames(pieces: readonly Buffer[]): string[] {
  const reader = new FrameReader();
  const found: string[] = [];
  for (const piece of pieces) {
    reader.feed(piece);
    while (reader.next()) found.push(reader.bytes.toString("latin1", reader.start, reader.end));
  }
  return [...found, `rest ${reader.rest().toString("latin1")}`];
}

describe("FrameReader", () => {
  it("finds the same frames wherever the bytes are cut", () => {
    const line = fc.constantFrom("data: a", ": ping", "event: x", "data: {}", "\n", "\r\n", "\r", "\n\n", "\r\n\r\n", "x");
    fc.assert(
      fc.property(fc.array(line, { maxLength: 25 }), PLACES, (lines, places) => {
        const bytes = Buffer.from(lines.join(""));
        const whole = frames([bytes]).slice(0, -1);
        expect(frames(cut(bytes, places)).slice(0, -1)).toEqual(whole);
        expect(frames([...bytes].map((byte) => Buffer.from([byte]))).slice(0, -1)).toEqual(whole);
      }),
      { numRuns: 300 },
    );
  });
});

const FRAME = fc.constantFrom(
  ROLE,
  ...WORDS,
  FINISH,
  USAGE_FRAME,
  chunk('{"content":"x"}', `,${USAGE}`),
  chunk('{"content":"\\"usage\\":{}"}'),
  chunk('{"tool_calls":[{"index":0,"function":{"arguments":"{"}}]}'),
  chunk('{"content":"y"}', ',"usage":null'),
  frame('{"choices":[{"delta":{"content":"ü"}}],"model":"tiny-llama","id":"z"}'),
  ": ping\n\n",
  'id: 1\ndata: {"choices":[],"model":"tiny-llama"}\r\n\r\n',
);

describe("StreamRelay", () => {
  it("gives the same bytes and observes the same wherever the stream is cut", () => {
    fc.assert(
      fc.property(
        fc.array(FRAME, { maxLength: 25 }),
        PLACES,
        fc.boolean(),
        fc.constantFrom(DONE, "", BUSY + DONE),
        (list, places, includeUsage, last) => {
          // The first frame goes out alone, so that no failure finds the caller empty-handed in one run and not in the other.
          const rest = Buffer.from(list.join("") + last);
          const run = (pieces: readonly Buffer[]) => {
            const stream = relay({ includeUsage });
            const out = [Buffer.from(ROLE), ...pieces].map((piece) => stream.push(piece));
            out.push(stream.end());
            return {
              text: Buffer.concat(out.filter((bytes) => bytes !== undefined)).toString(),
              observed: stream.observed,
              failed: stream.failure?.fault.fault,
            };
          };
          const whole = run([rest]);
          expect(run(cut(rest, places))).toEqual(whole);
          expect(whole.text).not.toContain('"model":"tiny-llama"');
          if (!includeUsage) expect(whole.text).not.toContain('"usage":');
        },
      ),
      { numRuns: 300 },
    );
  });
});

const accepts = (text: string): boolean => {
  try {
    scan(Buffer.from(text), CHECKS);
    return true;
  } catch (error) {
    if (error instanceof Fault) return false;
    throw error;
  }
};

/** JSON.parse's verdict on a text: one object without a repeated key. Raw control characters and bad escapes in strings are let pass first. */
function parses(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

describe("scan", () => {
  const object = fc.dictionary(fc.string({ unit: "grapheme", maxLength: 8 }), fc.jsonValue({ maxDepth: 4 }), {
    maxKeys: 8,
    noNullPrototype: true,
  });

  it("gives slices that parse to the same values", () => {
    fc.assert(
      fc.property(object, fc.constantFrom(undefined, 1, "\t"), (value, space) => {
        const body = Buffer.from(JSON.stringify(value, undefined, space));
        const { fields, closeAt } = scan(body, CHECKS);
        const read = [...fields].map(([name, { start, end }]) => [name, JSON.parse(body.toString("utf8", start, end))]);
        expect(Object.fromEntries(read)).toEqual(JSON.parse(body.toString()));
        expect(body[closeAt]).toBe(0x7d);
      }),
      { numRuns: 300 },
    );
  });

  it("accepts and refuses what JSON.parse does when structure is damaged", () => {
    // Strings of letters only: what stands inside strings is left to the engine.
    const plain = fc.dictionary(
      fc.stringMatching(/^[a-z]{0,5}$/),
      fc.jsonValue({ maxDepth: 3, stringUnit: fc.constantFrom("a", "b", "é") }),
      { maxKeys: 5, noNullPrototype: true },
    );
    const damage = fc.constantFrom("", "{", "}", "[", "]", ",", ":", "0", "1", "-", ".", "e", "+", "t", "null", "NaN", " ", "\n");
    fc.assert(
      fc.property(plain, fc.nat(), fc.nat(3), damage, (value, at, remove, insert) => {
        const text = JSON.stringify(value);
        const place = at % (text.length + 1);
        const damaged = text.slice(0, place) + insert + text.slice(place + remove);
        const parsed = parses(damaged);
        const object = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
        const inString = /"[^"]*\n[^"]*"/.test(damaged);
        // A damaged key may repeat another one, which scan refuses and JSON.parse does not.
        if (inString || (object && !accepts(damaged) && JSON.stringify(parsed).length < damaged.replace(/\s/g, "").length)) return;
        expect(accepts(damaged)).toBe(object);
      }),
      { numRuns: 1_500 },
    );
  });

  it("edits to the object that is expected", () => {
    const changes = fc.dictionary(
      fc.constantFrom("a", "b", "c", "model", 'q"'),
      fc.option(fc.jsonValue({ maxDepth: 1 }), { nil: undefined }),
      { noNullPrototype: true },
    );
    const start = fc.dictionary(fc.constantFrom("a", "b", "c", "d", 'q"', "\\"), fc.jsonValue({ maxDepth: 1 }), { noNullPrototype: true });
    fc.assert(
      fc.property(start, changes, fc.constantFrom(undefined, 2), (value, change, space) => {
        const body = Buffer.from(JSON.stringify(value, undefined, space));
        const bytes = new Map(
          Object.entries(change).map(([name, to]) => [name, to === undefined ? undefined : Buffer.from(JSON.stringify(to))]),
        );
        const edited = editMembers({ body, ...scan(body, CHECKS) }, bytes);
        expect(JSON.parse(edited.toString())).toEqual(JSON.parse(JSON.stringify({ ...value, ...change })));
      }),
      { numRuns: 300 },
    );
  });
});
