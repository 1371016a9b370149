import { expect, it } from "vitest";
import { mspId } from "../../src/domain/ids.ts";
import { hostsOf, mspOf } from "../../src/world.ts";
import { principalOf } from "./gate/fixtures.ts";
import { bench } from "./stages/fixture.ts";

it("finds the MSP of every host, and of no other", () => {
  const [kontor, relais] = [
    { ...principalOf().msp, id: mspId("kontor"), hosts: ["api.kontor.example", "api.kontor.example:8443"] },
    { ...principalOf().msp, id: mspId("relais"), hosts: ["relais.example"] },
  ];
  const hosts = hostsOf(new Map([kontor, relais].map((msp) => [msp.id, msp])));
  expect([...hosts.keys()]).toEqual(["api.kontor.example", "api.kontor.example:8443", "relais.example"]);
  expect([...hosts.values()]).toEqual([kontor, kontor, relais]);
  expect(hosts.get("kontor.example")).toBeUndefined();
});

it("asks the port whom it answers for, and the host only where the port says nothing", () => {
  const { world, principal } = bench();
  const estate = world.estate();
  const { msp } = principal;
  expect(mspOf({ host: "brand.test" }, estate)).toEqual(msp);
  expect(mspOf({ host: "other.test" }, estate)).toBeUndefined();
  expect(mspOf({ host: "other.test", msp: msp.id }, estate)).toEqual(msp);
  expect(mspOf({ host: "brand.test", msp: mspId("gone") }, estate)).toBeUndefined();
});
