import { describe, expect, it } from "vitest";
import { Growing, joined } from "../../../../src/openai/responses/bytes.ts";

describe("Growing", () => {
  it("takes bytes, texts and numbers of any size in their order", () => {
    const growing = new Growing(2);
    growing.text("aé🚢");
    growing.copy(Buffer.from("xyz"), 1, 2);
    growing.copy(Buffer.from("b".repeat(300)));
    for (const number of [0, 7, 10, 99, 100, 4_294_967_296, Number.MAX_SAFE_INTEGER]) growing.number(number);
    expect(growing.take()?.toString()).toBe(`aé🚢y${"b".repeat(300)}07109910042949672969007199254740991`);
    expect([growing.length, growing.take()]).toEqual([0, undefined]);
  });

  it("does not write into what it has given away", () => {
    const growing = new Growing(16);
    growing.text("one");
    const taken = growing.take();
    growing.text("two");
    expect([taken?.toString(), growing.bytes.toString()]).toEqual(["one", "two"]);
  });
});

describe("joined", () => {
  it("puts texts and bytes together", () => {
    expect(joined("a", Buffer.from("é"), "").toString()).toBe("aé");
  });
});
