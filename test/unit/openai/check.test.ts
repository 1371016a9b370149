import { describe, expect, it } from "vitest";
import { checkParameters, holdsNumbers } from "../../../src/openai/check.ts";
import { scan } from "../../../src/openai/json-scan.ts";
import { PARAMETERS, REQUIRED } from "../../../src/openai/parameters.ts";
import { WIRES } from "../../../src/domain/call.ts";
import { CHECKS, faultOf } from "./fixtures.ts";

const scanned = (value: object) => {
  const body = Buffer.from(JSON.stringify(value));
  return { body, scanned: scan(body, CHECKS) };
};

describe("checkParameters", () => {
  it("checks every parameter of every table for its type", () => {
    for (const wire of WIRES) {
      const whole = { model: "m", messages: [{}], prompt: "p", input: "i", query: "q", documents: ["d"] };
      for (const [name, rule] of PARAMETERS[wire]) {
        const wrong = rule.kinds.includes("object") ? 5 : {};
        const { body, scanned: members } = scanned({ ...whole, [name]: wrong });
        expect(faultOf(() => checkParameters(wire, body, members)).param).toBe(name);
      }
    }
  });

  it("misses what is required, before anything else is judged", () => {
    for (const wire of WIRES) {
      const { body, scanned: members } = scanned({ temperature: "x" });
      expect(faultOf(() => checkParameters(wire, body, members)).param).toBe(REQUIRED[wire][0]);
    }
  });

  it("lets a list of numbers pass for one prompt only where prompts are", () => {
    const { body, scanned: members } = scanned({ model: "m", prompt: Array.from({ length: 3000 }, (_, i) => i) });
    expect(() => checkParameters("completions", body, members)).not.toThrow();
    const stop = scanned({ model: "m", prompt: "p", stop: [1, 2, 3, 4, 5] });
    expect(faultOf(() => checkParameters("completions", stop.body, stop.scanned)).fault).toBe("array_too_long");
  });
});

describe("holdsNumbers", () => {
  it("looks at the first element, behind whitespace too", () => {
    const body = Buffer.from('{"a":[ \n 1],"b":["x"],"c":[]}');
    expect([...scan(body, CHECKS).fields.values()].map((member) => holdsNumbers(body, member))).toEqual([true, false, false]);
  });
});
