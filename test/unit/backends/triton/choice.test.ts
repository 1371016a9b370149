import { describe, expect, it } from "vitest";
import { Choice, type ReadingPlan } from "../../../../src/backends/triton/choice.ts";
import { PLAN } from "./support.ts";

const choice = (plan: Partial<ReadingPlan> = {}) => new Choice(0, { ...PLAN, ...plan });
const HERMES = { kind: "free", format: "hermes" } as const;
const CALL = '<tool_call>{"name":"f"}</tool_call>';

describe("a choice", () => {
  it("passes plain text on as it is", () => {
    const made = choice();
    expect([made.fresh("a"), made.push("a"), made.drain(), made.stopped, made.reason]).toEqual(["a", "a", [], false, undefined]);
    expect([made.end("length"), made.reason]).toEqual(["", "length"]);
  });

  it("gives what was held back for nothing at its end", () => {
    const made = choice({ stops: ["END"], manner: { accumulates: false, echo: "hello" } });
    expect([made.fresh("xE"), made.push("xE"), made.end("stop")]).toEqual(["xE", "x", "E"]);
    const echoing = choice({ manner: { accumulates: false, echo: "hello" } });
    expect([echoing.fresh("he"), echoing.end("stop")]).toEqual(["", "he"]);
  });

  it("knows when a stop sequence has come", () => {
    const made = choice({ stops: ["END"] });
    expect([made.push("aENDb"), made.stopped, made.end("stop")]).toEqual(["a", true, ""]);
  });

  it("ends for its calls, unless the caller had named the tool", () => {
    const free = choice({ toolUse: HERMES });
    expect([free.push(CALL), free.drain().length, free.end("stop"), free.reason]).toEqual(["", 1, "", "tool_calls"]);
    const cut = choice({ toolUse: HERMES });
    expect([cut.push(CALL), cut.end("length"), cut.reason]).toEqual(["", "", "length"]);
    const named = choice({ toolUse: { kind: "one", name: "f" } });
    expect([named.push("{}"), named.held, named.end("stop"), named.reason, named.drain()]).toEqual([
      "",
      2,
      "",
      "stop",
      [{ name: "f", arguments: "{}" }],
    ]);
    const silent = choice({ toolUse: HERMES });
    expect([silent.push("text"), silent.end("stop"), silent.reason]).toEqual(["text", "", "stop"]);
  });

  it("looks for stop sequences before it looks for calls", () => {
    const made = choice({ toolUse: HERMES, stops: ["<|im_end|>"] });
    expect([made.push(`${CALL}<|im_end|>junk`), made.stopped, made.drain().length]).toEqual(["", true, 1]);
  });
});
