import { describe, expect, it } from "vitest";
import { readGuard } from "../../../src/policies/guard.ts";
import { ALWAYS } from "../../../src/policies/rule.ts";
import { reading } from "./reading.ts";

describe("readGuard", () => {
  it("matches always when it is absent, and is never empty", () => {
    const { refused, ...rest } = reading();
    expect(readGuard(undefined, rest)).toBe(ALWAYS);
    expect(refused()).toEqual([]);
    readGuard({}, rest);
    expect(refused()).toHaveLength(1);
  });

  it("reads class, endpoint and model", () => {
    const { refused, ...rest } = reading();
    const guard = readGuard(
      {
        "request.class": { at_least: "internal", at_most: "restricted" },
        "request.endpoint": { in: ["chat"] },
        "request.model": { in: ["qwen"] },
      },
      rest,
    );
    expect(guard).toEqual({ classLeast: 1, classMost: 3, endpoints: new Set(["chat"]), models: new Set(["qwen"]) });
    expect(refused()).toEqual([]);
  });
});
