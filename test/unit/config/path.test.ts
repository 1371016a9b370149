import { describe, expect, it } from "vitest";
import { pathText, select, valueAt } from "../../../src/config/path.ts";

const FILE = { msps: { a: { hosts: ["x", "y"] }, b: { hosts: "no list" }, c: null } };

describe("pathText", () => {
  it("quotes what is no plain name", () => {
    expect(pathText([])).toBe("");
    expect(pathText(["msps", "a-1", "hosts", 0])).toBe("msps.a-1.hosts[0]");
    expect(pathText(["models", "llama-3.1", "x y"])).toBe('models["llama-3.1"]["x y"]');
  });
});

describe("valueAt", () => {
  it("finds own members only", () => {
    expect(valueAt(FILE, ["msps", "a", "hosts", 1])).toBe("y");
    expect(valueAt(FILE, ["msps", "a", "toString"])).toBeUndefined();
    expect(valueAt(FILE, ["msps", "a", "hosts", "length"])).toBeUndefined();
    expect(valueAt(FILE, ["msps", "c", "x"])).toBeUndefined();
  });
});

describe("select", () => {
  it("reaches every place of a pattern and skips what has another shape", () => {
    expect(select(FILE, ["msps", "*", "hosts", "*"])).toEqual([
      { path: ["msps", "a", "hosts", 0], value: "x" },
      { path: ["msps", "a", "hosts", 1], value: "y" },
    ]);
    expect(select(FILE, ["nothing", "*"])).toEqual([]);
  });
});
