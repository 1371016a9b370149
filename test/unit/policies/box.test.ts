import { describe, expect, it } from "vitest";
import { readBox } from "../../../src/policies/box.ts";
import { reading } from "./reading.ts";

describe("readBox", () => {
  it("makes an atom of every condition", () => {
    const { refused, ...rest } = reading();
    const atoms = readBox(
      {
        "backend.retention.days": { at_least: 1, at_most: 5 },
        "self.train_on_data": { in: [false] },
        "backend.certs": { has_any: ["HDS.2"] },
      },
      rest,
    );
    expect(atoms.map(({ subject, name, wanted, test }) => [subject, name, wanted, test.kind])).toEqual([
      ["target", "backend.retention.days", "at_least 1", "range"],
      ["target", "backend.retention.days", "at_most 5", "range"],
      ["self", "self.train_on_data", "in [false]", "members"],
      ["target", "backend.certs", "has_any [HDS.2]", "certificates"],
    ]);
    expect(refused()).toEqual([]);
  });

  it("leaves out what it refuses, so that one slip is one problem", () => {
    const { refused, ...rest } = reading();
    expect(
      readBox({ "backend.location.country": { in: ["UK"] }, "backend.tenancy": { at_least: "shared" } }, rest).map(({ name }) => name),
    ).toEqual(["backend.tenancy"]);
    expect(refused()).toHaveLength(1);
  });
});
