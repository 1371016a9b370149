import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { describe, expect, it } from "vitest";
import { mspId } from "../../../../src/domain/ids.ts";
import { NodeArrival } from "../../../../src/entry/node/arrival.ts";
import { Bodies } from "../../../../src/entry/node/bodies.ts";

interface Head {
  readonly peer?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly trusted?: readonly string[];
  readonly msp?: string;
}

function arrival({ peer = "10.0.0.1", headers = {}, trusted = ["10.0.0.0/8"], msp }: Head): NodeArrival {
  const incoming = new IncomingMessage(Object.defineProperty(new Socket(), "remoteAddress", { value: peer }));
  incoming.rawHeaders = Object.entries(headers).flat();
  Object.assign(incoming.headers, headers);
  for (const [name, value] of Object.entries(headers)) incoming.headersDistinct[name] = [value];
  const gate = { msp: msp === undefined ? undefined : mspId(msp), trustedProxies: () => trusted, bodies: new Bodies() };
  return new NodeArrival(incoming, new ServerResponse(incoming), gate);
}

const from = (forwarded: string, peer?: string): string =>
  arrival({ headers: { "x-forwarded-for": forwarded }, ...(peer === undefined ? {} : { peer }) }).address;

describe("the caller's address", () => {
  it.each([
    ["192.0.2.7", "192.0.2.7"],
    ["203.0.113.9, 192.0.2.7", "192.0.2.7"], // what stands left of it is hearsay
    ["192.0.2.7, 10.1.2.3", "192.0.2.7"],
    ["192.0.2.7:4711", "192.0.2.7"],
    ["[2001:db8::1]:4711", "2001:db8::1"],
    ["2001:db8::1", "2001:db8::1"],
    ["::ffff:192.0.2.7", "::ffff:192.0.2.7"],
  ])("is %s forwarded by a trusted proxy: %s", (forwarded, address) => {
    expect(from(forwarded)).toBe(address);
  });

  it.each(["unknown", "_hidden", "192.0.2.7, unknown", "999.1.1.1", "x".repeat(10_000), "", ",", "10.1.2.3"])(
    "is the proxy's own where it forwards %.30s",
    (forwarded) => {
      expect(from(forwarded)).toBe("10.0.0.1");
    },
  );

  it("is the peer's where nobody trusts it", () => {
    expect(from("192.0.2.7", "198.51.100.1")).toBe("198.51.100.1");
  });

  it("is found in no other header", () => {
    const headers = { "x-real-ip": "192.0.2.7", forwarded: "for=192.0.2.7", "x-client-ip": "192.0.2.7", "cf-connecting-ip": "192.0.2.7" };
    expect(arrival({ headers }).address).toBe("10.0.0.1");
  });
});

describe("the host", () => {
  const headers = { host: "Own.test", "x-forwarded-host": "Forwarded.test" };

  it("is that of a forwarded header only by a trusted proxy", () => {
    expect(arrival({ headers }).host).toBe("forwarded.test");
    expect(arrival({ headers, peer: "198.51.100.1" }).host).toBe("own.test");
    expect(arrival({ headers: { host: "Own.test" } }).host).toBe("own.test");
    expect(arrival({}).host).toBe("");
  });

  it("says nothing where the port answers for one MSP", () => {
    expect(arrival({ headers, msp: "msp-one" }).msp).toBe("msp-one");
    expect(arrival({ headers }).msp).toBeUndefined();
  });
});
