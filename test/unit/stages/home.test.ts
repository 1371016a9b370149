import { describe, expect, it } from "vitest";
import { home } from "../../../src/stages/home.ts";
import type { Estate } from "../../../src/world.ts";
import { permissive, policy, rule } from "../policies/fixture.ts";
import { bench, faultOf, type Bench } from "./fixture.ts";

const NOT_HERE = [...permissive("tenant"), policy("tenant", "tenant", [rule("HOME", { "self.location.country": { in: ["FR"] } })])];

function withCells(estate: Estate): Estate {
  return { ...estate, declared: { ...estate.declared, cells: [{ country: "FR", baseUrl: "https://fr.brand.test/v1" }] } };
}

const judged = ({ world, principal, entered }: Bench, require?: string): void => home(principal, require, entered(), world);

describe("home", () => {
  it("lets in whom the law lets be handled here", () => {
    expect(judged(bench())).toBeUndefined();
    expect(judged(bench(), "country=(DE)")).toBeUndefined();
  });

  it("refuses where the tenant's own rules forbid this cell, and names the rule", async () => {
    const fault = await faultOf(() => judged(bench({ policies: NOT_HERE })));
    expect(fault.fault).toBe("sov_self");
    expect(fault.extra?.["sovereignty"]).toMatchObject({ denied_by: [{ level: "tenant", rule: "HOME" }], base_urls: [] });
  });

  it("sends the caller to another cell where there is one", async () => {
    const { world, principal, entered } = bench({ policies: NOT_HERE });
    const fault = await faultOf(() => home(principal, undefined, entered(), { estate: () => withCells(world.estate()) }));
    expect(fault.fault).toBe("wrong_cell");
    expect(fault.extra?.["sovereignty"]).toMatchObject({ base_urls: ["https://fr.brand.test/v1"] });
  });

  it("goes by the newest law, not by the one of the entry", async () => {
    const held = bench();
    const entered = held.entered();
    held.adopt({ policies: NOT_HERE });
    expect((await faultOf(() => home(held.principal, undefined, entered, held.world))).fault).toBe("sov_self");
  });

  it("hears the caller's header, and refuses one that it cannot read", async () => {
    expect((await faultOf(() => judged(bench(), "country=(FR)"))).fault).toBe("sov_self");
    expect((await faultOf(() => judged(bench(), "country=(ATLANTIS)"))).fault).toBe("sov_bad_header");
  });
});
