import { describe, expect, it } from "vitest";
import { ingress } from "../../../src/stages/ingress.ts";
import { arrivalOf, bench, faultOf, REQUEST } from "./fixture.ts";

describe("ingress", () => {
  it("finds the brand by the host and stamps the instant", () => {
    const { world, principal, clock } = bench();
    clock.advance(250);
    const entered = ingress(arrivalOf(), REQUEST, world);
    expect(entered.msp).toBe(principal.msp);
    expect(entered.startedMs).toBe(250);
    expect(entered.atMs).toBe(clock.nowMs());
    expect(entered.estate).toBe(world.estate());
  });

  it("knows no other host", async () => {
    expect((await faultOf(() => ingress(arrivalOf({ host: "other.test" }), REQUEST, bench().world))).fault).toBe("unknown_host");
  });

  it("takes nothing while the process drains, and says when to come again", async () => {
    const fault = await faultOf(() => ingress(arrivalOf(), REQUEST, bench({ draining: () => true }).world));
    expect(fault.fault).toBe("draining");
    expect(fault.retryAfterMs).toBeGreaterThan(0);
    expect(fault.headers).toEqual({ connection: "close" });
  });
});
