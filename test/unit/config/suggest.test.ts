import { describe, expect, it } from "vitest";
import { nearest, suggestion } from "../../../src/config/suggest.ts";

const KNOWN = ["log_level", "listen", "data_dir", "fsync"];

describe("nearest", () => {
  it.each([
    ["log_levle", "log_level"],
    ["logLevel", "log_level"],
    ["log-level", "log_level"],
    ["lisen", "listen"],
    ["FSYNC", "fsync"],
  ])("%s -> %s", (given, meant) => expect(nearest(given, KNOWN)).toBe(meant));

  it("stays silent when nothing is near", () => {
    for (const given of ["", "x", "policies", "l".repeat(1_000)]) expect(nearest(given, KNOWN)).toBeUndefined();
  });
});

describe("suggestion", () => {
  it("lists what is known when nothing is near, unless that is long", () => {
    expect(suggestion("zzz", KNOWN)).toBe("known here: log_level, listen, data_dir, fsync");
    expect(suggestion("zzz", [])).toBeUndefined();
    expect(
      suggestion(
        "zzz",
        Array.from({ length: 21 }, (_, index) => `name${index}`),
      ),
    ).toBeUndefined();
  });
});
