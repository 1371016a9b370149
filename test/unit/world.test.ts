import { expect, it } from "vitest";
import { mspId } from "../../src/domain/ids.ts";
import { hostsOf } from "../../src/world.ts";
import { principalOf } from "./gate/fixtures.ts";

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
