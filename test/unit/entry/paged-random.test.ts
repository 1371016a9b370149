import { expect, it } from "vitest";
import { PagedRandom } from "../../../src/entry/paged-random.ts";

/** Counts its pages, and fills each with its own number. */
function counted() {
  const seen = { pages: 0 };
  const random = new PagedRandom((page) => page.fill((seen.pages += 1)));
  return { seen, random };
}

it("asks for nothing before it is needed, and for one page for hundreds of ids", () => {
  const { seen, random } = counted();
  expect(seen.pages).toBe(0);
  for (let nth = 0; nth < 500; nth += 1) random.id("x");
  expect(seen.pages).toBe(1);
  for (let nth = 0; nth < 500; nth += 1) random.id("x");
  expect(seen.pages).toBe(2);
});

it("never gives the same bytes twice: a page ends where too few are left", () => {
  let next = 0;
  const random = new PagedRandom((page) => {
    for (let at = 0; at < page.length; at += 4) page.writeUInt32BE((next += 1), at);
  });
  const given = new Set(Array.from({ length: 2_000 }, () => random.secret()));
  expect(given.size).toBe(2_000);
});
