import { describe, expect, it } from "vitest";
import { readGenerate } from "../../../../src/simulator/triton/generate-request.ts";
import { config, metadata } from "../../../../src/simulator/triton/metadata.ts";
import { MODEL_KINDS, modelOf, TENSORS } from "../../../../src/simulator/triton/models.ts";
import { withDefaults } from "../../../../src/simulator/triton/options.ts";
import { TritonError } from "../../../../src/simulator/triton/replies.ts";
import { Repository } from "../../../../src/simulator/triton/repository.ts";
import { Responses } from "../../../../src/simulator/triton/responses.ts";
import { strike } from "../../../../src/simulator/triton/strike.ts";
import type { Knobs } from "../../../../src/simulator/faults.ts";
import { Tally } from "../../../../src/simulator/generation.ts";
import { EngineModel, DEFAULT_PROFILE } from "../../../../src/simulator/engine-model.ts";
import { SeededRandom } from "../../../../src/simulator/seeded.ts";
import { ManualClock } from "../support.ts";

const clock = new ManualClock();
const server = {
  options: withDefaults({ clock, models: ["m"], contextTokensMax: 20 }),
  engine: new EngineModel({ clock, random: new SeededRandom(1), profile: DEFAULT_PROFILE }),
  repository: new Repository(["m"], ["n"]),
  knobs: () => ({}),
};
const read = (body: unknown) => readGenerate(server, modelOf("m"), Buffer.from(JSON.stringify(body)));

describe("readGenerate", () => {
  it("lets the sampling string win, and reads a stop of either form", () => {
    expect(
      read({ text_input: ["a"], max_tokens: 3, sampling_parameters: '{"max_tokens":5,"stop":["x",1],"seed":4,"ignore_eos":true}' }),
    ).toMatchObject({ prompt: "a", tokensMax: 5, stop: ["x"], seed: 4, ignoreEnd: true });
    expect(read({ text_input: "a", sampling_parameters: '{"stop":"x"}' }).stop).toEqual(["x"]);
  });

  it("keeps prompt and answer inside the context", () => {
    expect(read({ text_input: "a.b.c.d", sampling_parameters: '{"max_tokens":100}' }).tokensMax).toBe(13);
    expect(() => read({ text_input: ".".repeat(20) })).toThrow(
      "The decoder prompt (length 20) is longer than the maximum model length of 20.",
    );
  });

  it.each(["[]", "{", '{"max_tokens":0}', '{"n":0}', '{"n":1000}', '{"max_tokens":"4"}'])(
    "lets the model refuse sampling parameters %j",
    (sampling) => {
      expect(() => read({ text_input: "a", sampling_parameters: sampling })).toThrow();
    },
  );
});

it("the repository knows what never loaded, what serves, and what is gone", () => {
  const repository = new Repository(["b", "a"], ["c"]);
  repository.unload("c");
  repository.unload("a");
  expect(repository.index(false)).toEqual([
    { name: "a", version: "1", state: "UNAVAILABLE", reason: "unloaded" },
    { name: "b", version: "1", state: "READY" },
    { name: "c" },
  ]);
  repository.count("b");
  expect(repository.stats("b")).toMatchObject({ model_stats: [{ name: "b", inference_count: 1 }] });
  expect(() => repository.model("a")).toThrow(TritonError);
  expect(repository.model("b")).toEqual(modelOf("b"));
});

it.each(MODEL_KINDS)("metadata and config agree on the tensors of %s", (kind) => {
  const model = modelOf({ name: "m", kind });
  for (const { name } of [...TENSORS[kind].inputs, ...TENSORS[kind].outputs]) {
    expect(JSON.stringify(metadata(model))).toContain(`"${name}"`);
    expect(JSON.stringify(config(model))).toContain(`"${name}"`);
  }
});

describe("one answer", () => {
  /** What goes out, instead of a socket. */
  function recorder() {
    const sent: string[] = [];
    const answer = {
      apply: () => undefined,
      hold: (ms: number | undefined) => void sent.push(`hold ${ms}`),
      reset: () => void sent.push("reset"),
      head: (status: number) => void sent.push(String(status)),
      write: (text: string) => void sent.push(text),
      end: (text = "") => void sent.push(`${text}end`),
    };
    return { sent, answer };
  }

  it("has members in the order of their names, and only those that were asked for", () => {
    const { sent, answer } = recorder();
    const request = read({ id: "i", text_input: "[[say:a b]]", stream: true, return_finish_reason: true });
    const plan = { pieces: ["a", " b"], finish: "stop" as const, stopReason: null };
    const responses = new Responses({ answer, request, model: modelOf("m"), framed: true, plans: [plan], tally: new Tally() });
    responses.token(0, 0, "a");
    responses.token(0, 1, " b");
    responses.done();
    const frame = (reason: string, text: string) =>
      `data: {"finish_reason":"${reason}","id":"i","model_name":"m","model_version":"1","text_output":"${text}"}\n\n`;
    expect(sent).toEqual(["200", frame("None", "a"), frame("stop", " b"), "end"]);
  });

  it("is struck before its first byte, or not at all", () => {
    const struck = (knobs: Knobs) => {
      const { sent, answer } = recorder();
      return [strike(answer, knobs), ...sent];
    };
    expect(struck({})).toEqual([false]);
    expect(struck({ stallFirstByteMs: 9 })).toEqual([false, "hold 9"]);
    expect(struck({ neverAnswer: true })).toEqual([true]);
    expect(struck({ resetAfterTokens: 0 })).toEqual([true, "reset"]);
    expect(struck({ resetAfterTokens: 1 })).toEqual([false]);
    expect(struck({ endlessLine: true })).toEqual([true, "200"]);
    expect(struck({ status: 429 })).toEqual([true, "429", '{"error":"Too Many Requests"}end']);
  });
});
