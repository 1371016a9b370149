/** The house rules over the repository as it stands; each rule's own tests lie beside. */
import { describe, expect, it } from "vitest";
import { unmirrored } from "./rules/mirror.ts";
import { misshapen } from "./rules/shape.ts";
import { oversized } from "./rules/size.ts";
import { sources } from "./rules/source.ts";
import { traces } from "./rules/traces.ts";
import { bannedWords } from "./rules/words.ts";

const product = sources("src", ".ts");

describe("src", () => {
  it("has files of one idea and functions of one thought", () => {
    expect(product.flatMap(oversized)).toEqual([]);
  });

  it("lets time, chance, sockets and surroundings in by its ports alone", () => {
    expect(product.flatMap(bannedWords)).toEqual([]);
  });

  it("hides nothing from the compiler or the reader", () => {
    expect(product.flatMap(misshapen)).toEqual([]);
  });

  it("has a test for every file with logic", () => {
    expect(unmirrored(product, sources("test", ".test.ts"))).toEqual([]);
  });
});

it("no file names a machine, a registry or unfinished work", () => {
  const all = sources("").filter(({ path }) => !path.startsWith("test/house/"));
  expect(all.flatMap(traces)).toEqual([]);
});
