import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import { WebArrival } from "../../../../src/entry/worker/arrival.ts";
import { IsolateBodies } from "../../../../src/entry/worker/bodies.ts";
import { IsolateDoor } from "../../../../src/entry/worker/door.ts";
import { WorkerRandom } from "../../../../src/entry/worker/random.ts";
import { VirtualClock } from "../../storage/fixtures/world.ts";

function arrival(url: string, init: RequestInit = {}) {
  const clock = new VirtualClock();
  return { clock, arrival: new WebArrival(new Request(url, init), new IsolateBodies(clock)) };
}

/** A body that comes in pieces, and says nothing of its length. */
function streamed(pieces: readonly Uint8Array[], ends = true): RequestInit {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      if (ends) controller.close();
    },
  });
  return Object.assign({ method: "POST", body }, { duplex: "half" });
}

describe("WebArrival", () => {
  it("takes host, path and query from the platform's own URL", () => {
    const { arrival: some } = arrival("https://AI.example.com:8443/v1/models/a%2Fb?limit=3&x=1");
    expect([some.host, some.path, some.query.get("limit"), some.method]).toEqual(["ai.example.com:8443", "/v1/models/a%2Fb", "3", "GET"]);
    expect([...arrival("https://h/p").arrival.query]).toEqual([]);
  });

  it("believes the platform's address, and no forwarded header", () => {
    const headers = { "cf-connecting-ip": "203.0.113.9", "x-forwarded-for": "10.0.0.1", "x-forwarded-host": "other.test" };
    const { arrival: some } = arrival("https://h.test/p", { headers });
    expect([some.address, some.host]).toEqual(["203.0.113.9", "h.test"]);
  });

  it("gives headers by name, and nothing for what is not there", () => {
    const { arrival: some } = arrival("https://h/p", { headers: { authorization: "Bearer k" } });
    expect([some.header("authorization"), some.values("authorization"), some.header("x"), some.values("x")]).toEqual([
      "Bearer k",
      ["Bearer k"],
      undefined,
      [],
    ]);
  });
});

describe("bodies", () => {
  it("are read whole, in one piece or many", async () => {
    expect((await arrival("https://h/p", { method: "POST", body: "{}" }).arrival.body(10)).toString()).toBe("{}");
    const { arrival: some } = arrival("https://h/p", streamed([Buffer.from("ab"), Buffer.from("cd")]));
    expect((await some.body(4)).toString()).toBe("abcd");
    expect(await arrival("https://h/p").arrival.body(4)).toHaveLength(0);
  });

  it("end at their bound, said or not", async () => {
    await expect(arrival("https://h/p", streamed([Buffer.alloc(3), Buffer.alloc(3)])).arrival.body(5)).rejects.toMatchObject({
      fault: "body_too_large",
    });
    const headers = { "content-length": "6" };
    await expect(arrival("https://h/p", { method: "POST", body: "123456", headers }).arrival.body(5)).rejects.toMatchObject({
      fault: "body_too_large",
    });
  });

  it("have their time", async () => {
    const { clock, arrival: slow } = arrival("https://h/p", streamed([Buffer.from("a")], false));
    const read = slow.body(10);
    await Promise.resolve();
    clock.pass(BOUNDS.bodyReadMsMax);
    await expect(read).rejects.toMatchObject({ fault: "body_timeout" });
  });

  it("all together fit into an isolate", async () => {
    const bodies = new IsolateBodies(new VirtualClock());
    const half = Buffer.alloc(BOUNDS.isolateBodyBytesTotalMax / 2 + 1);
    const one = new WebArrival(new Request("https://h/p", streamed([half], false)), bodies);
    void one.body(half.length).catch(() => undefined);
    await new Promise((resolve) => void setTimeout(resolve, 0));
    const other = new WebArrival(new Request("https://h/p", streamed([half])), bodies);
    await expect(other.body(half.length)).rejects.toMatchObject({ fault: "overloaded" });
  });
});

describe("IsolateDoor", () => {
  it("counts a minute of each address, and each kind for itself", async () => {
    const clock = new VirtualClock();
    const door = new IsolateDoor(clock);
    const opens: boolean[] = [];
    for (let n = 0; n <= BOUNDS.failedKeysPerMinuteMax; n += 1) opens.push(await door.failed("a"));
    expect([opens.filter((open) => open).length, opens.at(-1)]).toEqual([BOUNDS.failedKeysPerMinuteMax, false]);
    expect([await door.failed("b"), await door.keyless("a")]).toEqual([true, true]);
    clock.pass(BOUNDS.windowMs);
    expect(await door.failed("a")).toBe(true);
  });
});

describe("WorkerRandom", () => {
  it("makes ids that sort by time and never come twice, over many pages", () => {
    const random = new WorkerRandom();
    const ids = Array.from({ length: 2_000 }, (_, n) => random.requestId(1_000 + n));
    expect(new Set(ids).size).toBe(2_000);
    expect(ids.toSorted()).toEqual(ids);
    expect(ids.every((id) => /^[0-9a-f]{12}7[0-9a-f]{3}[89ab][0-9a-f]{15}$/.test(id))).toBe(true);
    expect(random.id("key")).toMatch(/^key_[0-9a-f]{32}$/);
    expect(random.secret()).toMatch(/^[\w-]{43}$/);
    const unit = random.unit();
    expect(unit >= 0 && unit < 1).toBe(true);
  });
});
