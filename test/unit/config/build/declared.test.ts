import { describe, expect, it } from "vitest";
import { declared, SOUND } from "../sample.ts";

describe("settings, routing, cells", () => {
  const estate = declared(`${SOUND}server:
  listen: ["0.0.0.0:80", { address: "[::1]:81", msp: shop }]
  trusted_proxies: [10.0.0.0/8]
  data_dir: /var/lib/b
  fsync: true
  log_level: debug
routing: { name: fast, weights: { in_flight: 3, kv_use: 0 }, picker: best }
cells: [{ country: FR, base_url: "https://fr.example/" }]
`);

  it("says where to listen and for whom", () => {
    expect(estate.settings.listen).toEqual([
      { host: "0.0.0.0", port: 80, msp: undefined },
      { host: "::1", port: 81, msp: "shop" },
    ]);
    expect(estate.settings).toMatchObject({ trustedProxies: ["10.0.0.0/8"], dataDir: "/var/lib/b", fsync: true, logLevel: "debug" });
  });

  it("weighs what is told and keeps the rest", () => {
    expect(estate.routing).toEqual({
      name: "fast",
      picker: "best",
      weights: { queue: 1, inFlight: 3, kvUse: 0, latency: 0.5, price: 0.5, weight: 1 },
    });
    expect(estate.cells).toEqual([{ country: "FR", baseUrl: "https://fr.example" }]);
  });

  it("cannot be changed", () => expect(Object.isFrozen(estate)).toBe(true));
});
