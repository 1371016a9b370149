import { describe, expect, it } from "vitest";
import * as scalars from "../../../../src/config/schema/scalars.ts";

const cases = {
  idText: [
    ["a", "key_3f", "eu-1.b"],
    ["", "A", "-a", "a b", "a".repeat(65)],
  ],
  modelName: [
    ["meta-llama/Llama-3.1-8B", "a:b@c"],
    ["", "a b", "/a"],
  ],
  country: [
    ["DE", "NO"],
    ["de", "DEU", "@EU", ""],
  ],
  subdivision: [
    ["DE-HE", "FR-75"],
    ["DE", "DE-", "de-he"],
  ],
  instant: [["2027-03-31T00:00:00Z"], ["2027-03-31", "2027-03-31T00:00:00", "2027-02-30T00:00:00Z", "2027-03-31T00:00:00+02:00"]],
  amount: [
    ["0", "0.25", "999999999.999999"],
    ["-1", "1.", ".5", "0.1234567", "1e3", "1,5", "1234567890", " 1"],
  ],
  currency: [["EUR"], ["eur", "EU", "€"]],
  cidr: [["10.0.0.0/8"], ["10.0.0.0"]],
  hostName: [
    ["a.example", "a.example:8443", "localhost", "[::1]:80"],
    ["A.example", "https://a.example", "a.example/", "-a", "a:", ""],
  ],
  listenAddress: [
    ["127.0.0.1:0", "[::]:65535", "localhost:80"],
    ["127.0.0.1:65536", "8080", ":80"],
  ],
  baseUrl: [
    ["http://h:1", "https://h/prefix"],
    ["h:1", "ftp://h", "http://u:p@h", "http://h?q", "http://h#f", "http://h/v1", "http://h/v1/", "http://[:"],
  ],
  webUrl: [
    ["https://h", "mailto:a@b"],
    ["h", "javascript:alert(1)"],
  ],
  keyHash: [
    [`sha256:${"a".repeat(64)}`, `sha256:${"A".repeat(43)}`],
    ["sk-1", "a".repeat(64), `sha256:${"A".repeat(42)}B`],
  ],
} as const;

describe("scalars", () => {
  for (const [name, [good, bad]] of Object.entries(cases)) {
    it(name, () => {
      const schema = Object.entries(scalars).find(([each]) => each === name)?.[1];
      for (const text of good) expect([text, schema?.safeParse(text).success]).toEqual([text, true]);
      for (const text of bad) expect([text, schema?.safeParse(text).success]).toEqual([text, false]);
    });
  }

  it("says one thing about one mistake", () => {
    for (const [name, schema] of Object.entries({
      keyHash: scalars.keyHash,
      baseUrl: scalars.baseUrl,
      listenAddress: scalars.listenAddress,
    })) {
      expect([name, schema.safeParse("?").error?.issues.length]).toEqual([name, 1]);
    }
  });
});
