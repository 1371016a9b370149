import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../src/bounds.ts";
import { Fault } from "../../src/faults.ts";
import { asFault, serve } from "../../src/gateway.ts";
import type { Tracer } from "../../src/ports.ts";
import { permissive } from "./policies/fixture.ts";
import {
  answerJson,
  arrivalOf,
  bench,
  CHAT_BODY,
  failure,
  faultOf,
  REQUEST,
  settled,
  streamHead,
  streamText,
  type Bench,
  type FakeArrival,
  type Setting,
} from "./stages/fixture.ts";

interface Serving extends Bench {
  readonly arrival: FakeArrival;
  /** What the caller is told when nothing has gone out. */
  readonly fault: Promise<Fault | undefined>;
}

async function serving(setting: Setting = {}, arrival = arrivalOf()): Promise<Serving> {
  const held = bench(setting);
  const fault = serve(arrival, "chat", REQUEST, held.world).then(
    () => undefined,
    (thrown: unknown) => asFault(thrown),
  );
  await settled();
  return { ...held, arrival, fault };
}

const kinds = ({ journal }: Bench): readonly string[] => journal.records.map(({ kind }) => kind);
const STREAM = JSON.stringify({ ...JSON.parse(CHAT_BODY), stream: true });

describe("serve", () => {
  it("carries a request from its head to one settlement", async () => {
    const run = await serving();
    answerJson(run.transport.last);
    expect(await run.fault).toBeUndefined();
    const { exit } = run.arrival;
    expect([exit.status, exit.state, exit.header("x-request-id")]).toEqual([200, "ended", REQUEST]);
    expect(JSON.parse(exit.text)).toMatchObject({ model: "brand-large", id: `chatcmpl-${REQUEST}` });
    await settled();
    expect(kinds(run)).toEqual(["hold", "end"]);
    expect(run.records).toMatchObject([{ outcome: "served", status: 200, amount: 8, attempts: 1 }]);
    expect([run.gate.holdsOpen, run.world.live.size]).toEqual([0, 0]);
  });

  it("sends nothing before the hold is durable", async () => {
    const held = bench();
    const release = Promise.withResolvers<void>();
    const durable = held.journal.durable.bind(held.journal);
    held.journal.durable = () => release.promise.then(durable);
    void serve(arrivalOf(), "chat", REQUEST, held.world);
    await settled();
    expect(held.transport.sent).toHaveLength(0);
    release.resolve();
    await settled();
    expect(held.transport.sent).toHaveLength(1);
  });

  it.each([
    ["an unknown host", arrivalOf({ host: "else.test" }), "unknown_host"],
    ["a wrong key", arrivalOf({ headers: { authorization: "Bearer sk-no" } }), "invalid_api_key"],
    ["no JSON", arrivalOf({ body: "{" }), "invalid_json"],
    ["an unknown model", arrivalOf({ body: CHAT_BODY.replace("brand-large", "none") }), "model_not_found"],
    ["a key that is none", arrivalOf({ headers: { "idempotency-key": "a b" } }), "idempotency_key_invalid"],
  ])("refuses %s, holds nothing and records it once", async (_name, arrival, name) => {
    const run = await serving({}, arrival);
    expect((await run.fault)?.fault).toBe(name);
    expect([kinds(run), run.transport.sent.length, run.records.length, run.records[0]?.outcome]).toEqual([[], 0, 1, "refused"]);
  });

  it("refuses without law before it opens a hold", async () => {
    const run = await serving({ policies: permissive("operator") });
    expect((await run.fault)?.fault).toBe("sov_no_policy");
    expect(kinds(run)).toEqual([]);
  });

  it("refuses above a limit before it sends", async () => {
    const run = await serving({ limits: { key: { budgetPerMonth: 1 } } });
    expect((await run.fault)?.fault).toBe("insufficient_quota");
    expect([kinds(run), run.transport.sent.length]).toEqual([[], 0]);
  });

  it("tells of engines that fail before the first byte, charges nothing, and settles", async () => {
    const run = await serving();
    run.transport.last.listener.fail(failure(false));
    expect((await run.fault)?.fault).toBe("engine_failed");
    await settled();
    expect(run.arrival.exit.started).toBe(false);
    expect(run.journal.records[1]).toMatchObject({ kind: "end", outcome: "failed", amount: 0, status: 502 });
  });

  it("tells of engines that fail behind the first byte in band, and charges what went out", async () => {
    const run = await serving({}, arrivalOf({ body: STREAM }));
    streamHead(run.transport.last);
    streamText(run.transport.last, "hello");
    run.transport.last.listener.fail(failure(true));
    expect(await run.fault).toBeUndefined();
    await settled();
    expect(run.arrival.exit.text).toContain('"error"');
    expect(run.journal.records[1]).toMatchObject({ outcome: "failed", status: 200, usage: { completionTokens: 2 } });
  });

  it("settles a caller that leaves, for what it got", async () => {
    const run = await serving({}, arrivalOf({ body: STREAM }));
    streamHead(run.transport.last);
    streamText(run.transport.last, "hell");
    run.arrival.exit.leave();
    await settled();
    expect(run.transport.last.calls).toContain("cancel");
    expect(run.journal.records[1]).toMatchObject({ outcome: "abandoned", usage: { completionTokens: 1 } });
    expect(run.gate.holdsOpen).toBe(0);
  });

  it("ends a request whose attempts together have had the total, and tells its caller", async () => {
    const run = await serving();
    run.world.live.start(run.clock);
    run.clock.advance(BOUNDS.totalMsMax - 1_000);
    run.transport.last.listener.fail(failure(true));
    await settled();
    expect(run.transport.sent).toHaveLength(2);
    run.clock.advance(3_000);
    expect((await run.fault)?.fault).toBe("engine_timeout");
    expect(run.gate.holdsOpen).toBe(0);
  });

  it("settles and stays loud when an invariant breaks", async () => {
    const held = bench();
    held.world.transport.send = () => {
      throw new TypeError("nothing is sent without a clearance");
    };
    const fault = await serve(arrivalOf(), "chat", REQUEST, held.world).then(() => undefined, asFault);
    await settled();
    expect(fault?.kind.status).toBe(500);
    expect(kinds(held)).toEqual(["hold", "end"]);
    expect(held.world.fleet.snapshot().every(({ inFlight }) => inFlight === 0)).toBe(true);
    expect([held.gate.holdsOpen, held.world.live.size, held.records[0]?.fault]).toEqual([0, 0, "internal"]);
  });
});

describe("serve with an idempotency key", () => {
  const keyed = (): FakeArrival => arrivalOf({ headers: { "idempotency-key": "k1" } });

  it("runs once what was charged", async () => {
    const run = await serving({}, keyed());
    answerJson(run.transport.last);
    await run.fault;
    const again = await faultOf(() => serve(keyed(), "chat", REQUEST, run.world));
    expect(again.fault).toBe("idempotency_completed");
    expect(run.transport.sent).toHaveLength(1);
  });

  it("frees the key of what came to nothing, also of what was refused", async () => {
    const run = await serving({}, keyed());
    run.transport.last.listener.fail(failure(false));
    expect((await run.fault)?.fault).toBe("engine_failed");
    void serve(keyed(), "chat", REQUEST, run.world);
    await settled();
    expect(run.transport.sent).toHaveLength(2);
    const refused = await serving({ limits: { key: { budgetPerMonth: 1 } } }, keyed());
    expect((await refused.fault)?.fault).toBe("insufficient_quota");
    expect((await faultOf(() => serve(keyed(), "chat", REQUEST, refused.world))).fault).toBe("insufficient_quota");
  });
});

describe("asFault", () => {
  it("passes faults on and hides everything else behind a 500", () => {
    const fault = new Fault("engine_failed");
    expect(asFault(fault)).toBe(fault);
    expect(asFault(new Error("no such host 10.0.0.1")).message).not.toContain("10.0.0.1");
    expect(asFault(new Error("no such host 10.0.0.1")).detail).toContain("10.0.0.1");
    expect(asFault("text").kind.status).toBe(500);
  });
});

it("is followed where somebody follows: each attempt, and last the request with its record", async () => {
  const told: unknown[] = [];
  const tracer: Tracer = {
    start: (arrival, wire) => {
      told.push(["start", wire, arrival.header("traceparent")]);
      return {
        attempt: ({ id }) => ({ end: (failed) => told.push(["attempt", id, failed?.fault.fault]) }),
        end: ({ status, outcome, attempts }, alias) => told.push(["end", status, outcome, attempts, alias]),
      };
    },
  };
  const held = bench();
  const world = { ...held.world, tracer };
  const served = serve(arrivalOf({ headers: { traceparent: "mine" } }), "chat", REQUEST, world).catch(() => undefined);
  await settled();
  const [first] = held.transport.sent;
  first?.listener.fail(failure(true));
  await settled();
  answerJson(held.transport.last);
  await served;
  const backends = held.transport.sent.map(({ clearance }) => clearance.backend.id);
  expect(told).toEqual([
    ["start", "chat", "mine"],
    ["attempt", backends[0], "engine_failed"],
    ["attempt", backends[1], undefined],
    ["end", 200, "served", 2, "brand-large"],
  ]);
});
