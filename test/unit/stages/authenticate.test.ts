import { describe, expect, it } from "vitest";
import { Fault } from "../../../src/faults.ts";
import { secretOf } from "../../../src/stages/authenticate.ts";

function arrival(headers: Readonly<Record<string, readonly string[]>>): { values(name: string): readonly string[] } {
  return { values: (name) => headers[name] ?? [] };
}

function faultOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof Fault) return error.fault;
    throw error;
  }
  return "none";
}

describe("secretOf", () => {
  it("reads the bearer scheme in any case", () => {
    expect(secretOf(arrival({ authorization: ["bEaReR sk-1"] }))).toBe("sk-1");
  });

  it("reads x-api-key", () => {
    expect(secretOf(arrival({ "x-api-key": ["sk-1"] }))).toBe("sk-1");
  });

  it("takes the same credential twice as one", () => {
    expect(secretOf(arrival({ authorization: ["Bearer sk-1"], "x-api-key": ["sk-1"] }))).toBe("sk-1");
  });

  it.each([
    ["two headers", { authorization: ["Bearer sk-1", "Bearer sk-2"] }],
    ["two kinds", { authorization: ["Bearer sk-1"], "x-api-key": ["sk-2"] }],
  ])("refuses two different credentials: %s", (_, headers) => {
    expect(faultOf(() => secretOf(arrival(headers)))).toBe("conflicting_credentials");
  });

  it.each([
    [{}],
    [{ authorization: ["Basic abc"] }],
    [{ authorization: ["Bearer"] }],
    [{ authorization: ["Bearer a b"] }],
    [{ "x-api-key": [" "] }],
  ])("asks for a key when there is none: %j", (headers) => {
    expect(faultOf(() => secretOf(arrival(headers)))).toBe("missing_key");
  });
});
