import { describe, expect, it } from "vitest";
import { Fault } from "../../../src/faults.ts";
import { atTheDoor } from "../../../src/stages/door.ts";

const door = {
  failed: (address: string) => Promise.resolve(address === "open"),
  keyless: () => Promise.resolve(true),
  reading: () => Promise.resolve(true),
};

describe("atTheDoor", () => {
  it("counts who comes with a wrong key and who comes with none apart", async () => {
    const [wrong, none] = [new Fault("invalid_api_key"), new Fault("missing_key")];
    expect(await atTheDoor(wrong, { address: "open" }, { door })).toBe(wrong);
    expect(await atTheDoor(none, { address: "closed" }, { door })).toBe(none);
    const away = { fault: "too_many_attempts", retryAfterMs: 60_000 };
    expect(await atTheDoor(wrong, { address: "closed" }, { door })).toMatchObject(away);
    const closed = { ...door, keyless: () => Promise.resolve(false) };
    expect(await atTheDoor(none, { address: "open" }, { door: closed })).toMatchObject(away);
  });

  it("counts an IPv6 network as one address", async () => {
    const seen: string[] = [];
    const counting = { ...door, failed: (address: string) => Promise.resolve(seen.push(address) > 0) };
    for (const address of ["2001:db8::1", "2001:db8::2"]) await atTheDoor(new Fault("invalid_api_key"), { address }, { door: counting });
    expect(new Set(seen).size).toBe(1);
  });

  it("counts nothing else, and nothing where nobody stands", async () => {
    const thrown = [new Fault("sov_no_admissible"), new Error("broken"), "text"];
    for (const one of thrown) expect(await atTheDoor(one, { address: "closed" }, { door })).toBe(one);
    const wrong = new Fault("invalid_api_key");
    expect(await atTheDoor(wrong, { address: "closed" }, {})).toBe(wrong);
  });
});
