import { describe, expect, it } from "vitest";
import { claimMint, Clearance } from "../../../src/domain/clearance.ts";
import type { Backend } from "../../../src/domain/fleet.ts";
import { backendId, operatorId, requestId, siteId } from "../../../src/domain/ids.ts";

const mint = claimMint();
const REQUEST = requestId("0".repeat(32));
const backend = (id: string): Backend => ({
  id: backendId(id),
  operator: operatorId("o1"),
  site: siteId("s1"),
  engine: "vllm",
  baseUrl: `http://${id}.test`,
  credential: undefined,
  models: new Map(),
  facts: { facts: new Map(), certificates: [] },
  weight: 1,
  concurrencyMax: 1,
});
const [here, elsewhere] = [backend("here"), backend("elsewhere")];
const genuine = mint(REQUEST, here, 7);

describe("a clearance", () => {
  it("is what the minter made, and says for what", () => {
    expect(Clearance.is(genuine)).toBe(true);
    expect([genuine.request, genuine.backend, genuine.epoch]).toEqual([REQUEST, here, 7]);
  });

  it.each<readonly [string, () => unknown]>([
    ["a structural copy", () => ({ request: genuine.request, backend: genuine.backend, epoch: genuine.epoch })],
    ["a spread", () => ({ ...genuine })],
    ["a copy with the prototype", () => Object.assign(Object.create(Clearance.prototype), genuine)],
    ["an object that inherits from one", () => Object.create(genuine)],
    ["an object that was given one as its prototype", () => Object.setPrototypeOf({ backend: elsewhere }, genuine)],
    ["a proxy of one", () => new Proxy(genuine, {})],
    ["a proxy that says yes to everything", () => new Proxy(genuine, { has: () => true, get: () => elsewhere })],
    ["a class that has the same private field", () => new Lookalike()],
    ["nothing", () => null],
    ["the class itself", () => Clearance],
  ])("is not %s", (_, forge) => {
    expect(Clearance.is(forge())).toBe(false);
  });

  it("cannot be turned to another backend, request or law", () => {
    expect(Reflect.set(genuine, "backend", elsewhere)).toBe(false);
    expect(Reflect.defineProperty(genuine, "backend", { value: elsewhere })).toBe(false);
    expect(Reflect.deleteProperty(genuine, "request")).toBe(false);
    expect(Reflect.setPrototypeOf(genuine, { backend: elsewhere })).toBe(false);
    expect(genuine.backend).toBe(here);
  });
});

describe("who else tries to make one", () => {
  const guesses = [Symbol("clearance"), Symbol.for("clearance"), Symbol()];

  it("is refused by the constructor, however it is called", () => {
    for (const guess of guesses) {
      expect(() => new Clearance(guess, REQUEST, elsewhere, 7)).toThrow(TypeError);
      expect(() => Reflect.construct(Clearance, [guess, REQUEST, elsewhere, 7], Lookalike)).toThrow(TypeError);
      expect(() => Reflect.construct(genuine.constructor, [guess, REQUEST, elsewhere, 7])).toThrow(TypeError);
      expect(() => new Heir(guess)).toThrow(TypeError);
    }
  });

  it("finds no seal on what was made", () => {
    const keys = [genuine, Clearance, Clearance.prototype].flatMap((each) => Reflect.ownKeys(each));
    expect(keys.filter((key) => typeof key === "symbol")).toEqual([]);
  });

  it("cannot replace the test", () => {
    expect(Reflect.set(Clearance, "is", () => true)).toBe(false);
    expect(Reflect.defineProperty(Clearance, "is", { value: () => true })).toBe(false);
    expect(Clearance.is({})).toBe(false);
  });

  it("comes too late for the right to mint, every time", () => {
    expect(() => claimMint()).toThrow(TypeError);
    expect(() => claimMint()).toThrow("given out");
  });

  it("does not get it from policies/ either, which must be first", async () => {
    await expect(import("../../../src/policies/clear.ts")).rejects.toThrow("given out");
  });
});

class Lookalike {
  readonly request = REQUEST;
  readonly backend = elsewhere;
  readonly epoch = 7;
  readonly #sealed = true;

  get sealed(): boolean {
    return this.#sealed;
  }
}

class Heir extends Clearance {
  constructor(seal: symbol) {
    super(seal, REQUEST, elsewhere, 7);
  }
}
