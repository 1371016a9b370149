import { describe, expect, it } from "vitest";
import { requestId } from "../../../src/domain/ids.ts";
import { Slots } from "../../../src/stages/slots.ts";

const wanted = (n: number, bodyHash = "b") => ({ name: "n", bodyHash, request: requestId(`r${n}`) });

describe("Slots", () => {
  it("gives a name to one at a time, and tells those who waited what became of it", async () => {
    const slots = new Slots(10);
    const first = await slots.claim(wanted(1));
    const waiting = slots.claim(wanted(2));
    expect(await slots.claim(wanted(3, "other"))).toEqual({ kind: "reused" });
    if (first.kind !== "yours") throw new Error("the first gets it");
    first.end(true);
    expect(await waiting).toEqual({ kind: "completed", request: "r1" });
  });

  it("frees the name of one that was not carried out", async () => {
    const slots = new Slots(10);
    const first = await slots.claim(wanted(1));
    const waiting = slots.claim(wanted(2));
    if (first.kind === "yours") first.end(false);
    expect(await waiting).toMatchObject({ kind: "yours" });
  });
});
