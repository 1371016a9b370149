/** Any chat of an engine's, told as a Response: nothing is lost, nothing is made up, and no cut of the bytes shows. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fault } from "../../src/faults.ts";
import { chatOf, chunk, DONE, eventsIn, refusedFor, told, usageChunk } from "../unit/openai/responses/support.ts";

interface Step {
  readonly frame: string;
  readonly content: string;
  readonly reasoning: string;
}

const TEXT = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom('"', "\\", "\n\n", "data: [DONE]", "\u2028", "🚢", "", " "),
);
const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: TEXT.map((content) => ({ frame: chunk({ content }), content, reasoning: "" })) },
  TEXT.map((reasoning) => ({ frame: chunk({ reasoning }), content: "", reasoning })),
  fc.constant({ frame: chunk({ content: null }), content: "", reasoning: "" }),
  fc.constant({ frame: usageChunk({ prompt_tokens: 1, completion_tokens: 1 }), content: "", reasoning: "" }),
);
const PLACES = fc.array(fc.nat(9_000), { maxLength: 20 });

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end));
}

describe("a chat told as a Response", () => {
  it("says each text once in deltas and once as a whole, whatever it is and wherever it was cut", () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 20 }), PLACES, fc.constantFrom("stop", "length"), (steps, places, finish) => {
        const bytes = Buffer.from(
          [chunk({ role: "assistant", content: "" }), ...steps.map(({ frame }) => frame), chunk({}, { finish }), DONE].join(""),
        );
        const { text } = told(cut(bytes, places));
        expect(text).toBe(told([bytes]).text);
        const events = eventsIn(text);
        const deltas = (type: string): string => events.map((event) => (event.type === type ? String(event["delta"]) : "")).join("");
        expect(deltas("response.output_text.delta")).toBe(steps.map(({ content }) => content).join(""));
        expect(deltas("response.reasoning_text.delta")).toBe(steps.map(({ reasoning }) => reasoning).join(""));
        const done = events.map((event) => (event.type === "response.output_text.done" ? String(event["text"]) : "")).join("");
        expect(done).toBe(steps.map(({ content }) => content).join(""));
        expect(events.map(({ sequence_number }) => sequence_number)).toEqual(events.map((_, at) => at));
        expect(events.at(-1)?.type).toBe(finish === "length" ? "response.incomplete" : "response.completed");
      }),
      { numRuns: 300 },
    );
  });

  it("opens and closes every item and part exactly once, in order", () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 20 }), (steps) => {
        const { text } = told([
          chunk({ role: "assistant", content: "" }),
          ...steps.map(({ frame }) => frame),
          chunk({}, { finish: "stop" }),
          DONE,
        ]);
        const open: string[] = [];
        for (const event of eventsIn(text)) {
          const part = `${String(event["output_index"])}/${String(event["content_index"])}`;
          if (event.type === "response.output_item.added" || event.type === "response.content_part.added") open.push(part);
          if (event.type.endsWith(".delta")) expect(open.at(-1)).toBe(part);
          if (event.type === "response.output_item.done" || event.type === "response.content_part.done") expect(open.pop()).toBe(part);
        }
        expect(open).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe("a Responses request told as a chat", () => {
  const ITEM = fc.oneof(
    fc.record({ role: fc.constantFrom("user", "assistant", "system", "developer"), content: TEXT }),
    fc.record({
      role: fc.constant("user"),
      content: fc.array(fc.record({ type: fc.constant("input_text"), text: TEXT }), { maxLength: 3 }),
    }),
    fc.record({ type: fc.constant("function_call"), call_id: TEXT, name: TEXT, arguments: TEXT }),
    fc.record({ type: fc.constant("function_call_output"), call_id: TEXT, output: TEXT }),
    fc.record({ type: fc.constant("reasoning"), summary: fc.constant([]) }),
  );

  it("keeps every text in its order", () => {
    fc.assert(
      fc.property(fc.array(ITEM, { minLength: 1, maxLength: 12 }), (input) => {
        const texts = (value: unknown): string[] =>
          typeof value === "string"
            ? [value]
            : Array.isArray(value)
              ? value.flatMap((part) => (typeof part === "object" && part !== null && "text" in part ? [String(part.text)] : []))
              : [];
        const before = input.flatMap((item) =>
          "content" in item ? texts(item.content) : "arguments" in item ? [item.arguments] : "output" in item ? [item.output] : [],
        );
        const { messages } = chatOf({ input });
        const after = (Array.isArray(messages) ? messages : []).flatMap((message) => [
          ...texts(message.content),
          ...(message.tool_calls ?? []).map((call: { function: { arguments: string } }) => call.function.arguments),
        ]);
        expect(after.filter((text: string) => text !== "")).toEqual(before.filter((text) => text !== ""));
      }),
      { numRuns: 300 },
    );
  });

  it("refuses whatever item it does not know, and breaks at none", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), (item) => {
        const known = typeof item === "object" && item !== null && !Array.isArray(item) && ("role" in item || "type" in item);
        if (!known) expect(refusedFor({ input: [item] })).toBeInstanceOf(Fault);
      }),
      { numRuns: 300 },
    );
  });
});
