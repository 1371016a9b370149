import { describe, expect, it } from "vitest";
import { SOUND, spoiled, told } from "../sample.ts";

describe("what may be used once only", () => {
  it("a host names one MSP", () => {
    const other = '  other: { hosts: [shop.example], price_book: { version: "1", currency: EUR } }\ntenants: { clinic: { msp: shop } }';
    expect(told(spoiled("tenants: { clinic: {} }", other))).toEqual([
      'msps.other.hosts[0]: host "shop.example" belongs to MSP "shop" already',
    ]);
    expect(told(spoiled("[shop.example]", "[shop.example, shop.example]"))).toEqual([
      'msps.shop.hosts[1]: host "shop.example" is listed twice',
    ]);
  });

  it("an MSP can be reached", () => {
    expect(told(spoiled("    hosts: [shop.example]\n", ""))).toEqual([
      "msps.shop.hosts: no host and no listening address leads to this MSP",
    ]);
    expect(told(`${spoiled("    hosts: [shop.example]\n", "")}server: { listen: [{ address: "127.0.0.1:1", msp: shop }] }\n`)).toEqual([]);
  });

  it("a secret opens one key, however its hash is spelled", () => {
    const digest = Buffer.alloc(32, 7);
    const keys = `keys: { a: { hash: "sha256:${digest.toString("hex")}" }, b: { hash: "sha256:${digest.toString("base64url")}" } }\n`;
    expect(told(SOUND + keys)).toEqual(['keys.b.hash: key "a" has the same hash']);
  });

  it.each([
    ['["127.0.0.1:9090"]', 1],
    ['["0.0.0.0:9090"]', 1],
    ['["localhost:9090"]', 1],
    ['["127.0.0.1:80", "127.0.0.1:80"]', 1],
    ['["127.0.0.1:80", "127.0.0.2:80"]', 0],
    ['["127.0.0.1:0", "127.0.0.1:0"]', 0],
    ['["[::]:80", { address: "10.0.0.1:80" }]', 1],
  ])("listening at %s collides %i times", (listen, times) => {
    expect(told(`${SOUND}server: { listen: ${listen} }\n`).filter((line) => line.includes("is taken by"))).toHaveLength(times);
  });

  it("the admin port collides with a listener that is only the default", () => {
    expect(told(`${SOUND}server: { admin: { address: "127.0.0.1:8080" } }\n`)).toHaveLength(1);
  });
});
