import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import type { Capability } from "../../../src/domain/fleet.ts";
import { read, resolve } from "../../../src/stages/read.ts";
import { ALIAS, arrivalOf, bench, CHAT_BODY, faultOf, type FakeArrival } from "./fixture.ts";

function reading(arrival: FakeArrival, capability: Capability = "chat"): ReturnType<typeof read> {
  const { world, principal, entered } = bench();
  return read(arrival, capability, { principal, entered: entered() }, world);
}

describe("read", () => {
  it("makes a call of the caller's own bytes", async () => {
    const call = await reading(arrivalOf());
    expect(call.body.toString()).toBe(CHAT_BODY);
    expect(call.alias).toBe(ALIAS);
    expect(call.completionTokensAsked).toBe(10);
  });

  it("asks for no more bytes than the bound", async () => {
    let asked = 0;
    const arrival = { ...arrivalOf(), body: (bytesMax: number) => Promise.resolve(Buffer.from(((asked = bytesMax), CHAT_BODY))) };
    await reading(arrival);
    expect(asked).toBe(BOUNDS.bodyBytesMax);
  });

  it.each([
    ["content-encoding", "gzip", "unsupported_encoding"],
    ["content-encoding", "br", "unsupported_encoding"],
    ["content-type", "text/plain", "unsupported_media_type"],
    ["content-type", "application/jsonp", "unsupported_media_type"],
  ])("refuses %s %s before it reads a byte", async (name, value, fault) => {
    let read = false;
    const arrival = { ...arrivalOf({ headers: { [name]: value } }), body: () => ((read = true), Promise.resolve(Buffer.from(CHAT_BODY))) };
    expect((await faultOf(() => reading(arrival))).fault).toBe(fault);
    expect(read).toBe(false);
  });

  it.each([["application/json"], ["Application/JSON; charset=utf-8"], ["application/json ;charset=utf-8"]])("takes %s", async (type) => {
    expect((await reading(arrivalOf({ headers: { "content-type": type, "content-encoding": "identity" } }))).alias).toBe(ALIAS);
  });

  it("says of a model that has no such endpoint the same as of one that is none: 404", async () => {
    const fault = await faultOf(() => reading(arrivalOf({ body: JSON.stringify({ model: ALIAS.name, input: "x" }) }), "embeddings"));
    expect([fault.fault, fault.param]).toEqual(["model_not_found", "model"]);
    const unknown = await faultOf(() => reading(arrivalOf({ body: CHAT_BODY.replace(ALIAS.name, "none") })));
    expect([unknown.fault, unknown.param]).toEqual(["model_not_found", "model"]);
  });
});

describe("resolve", () => {
  it("finds the MSP's aliases, and of them those that the key may use", () => {
    const { principal } = bench();
    const only = (models: ReadonlySet<string>) => ({ ...principal, key: { ...principal.key, models } });
    expect(resolve(ALIAS.name, principal)).toBe(ALIAS);
    expect(resolve("none", principal)).toBeUndefined();
    expect(resolve(ALIAS.name, only(new Set([ALIAS.name])))).toBe(ALIAS);
    expect(resolve(ALIAS.name, only(new Set(["else"])))).toBeUndefined();
    expect(resolve("else", only(new Set(["else"])))).toBeUndefined();
  });
});
