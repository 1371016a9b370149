import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import type { Call } from "../../../src/domain/call.ts";
import { decide } from "../../../src/stages/decide.ts";
import { Delivery } from "../../../src/stages/delivery.ts";
import { dispatch, type Dispatched } from "../../../src/stages/dispatch.ts";
import { backend, permissive, policy, rule, standing } from "../policies/fixture.ts";
import {
  answerJson,
  BACKENDS,
  bench,
  callOf,
  failure,
  FakeExit,
  REQUEST,
  settled,
  streamHead,
  streamText,
  type Bench,
  type Setting,
} from "./fixture.ts";

interface Running extends Bench {
  readonly exit: FakeExit;
  readonly delivery: Delivery;
  readonly done: Promise<Dispatched>;
}

function running(setting: Setting = {}, call: Call = callOf()): Running {
  const held = bench(setting);
  const exit = new FakeExit();
  const delivery = new Delivery(exit, held.clock, { stream: call.stream, headers: () => [] });
  const { question } = decide(call, held.principal, undefined, held.world);
  return { ...held, exit, delivery, done: dispatch({ request: REQUEST, call, question, mayLook: false }, delivery, held.world) };
}

/** Fails every attempt as it comes, `times` times. */
async function failing({ transport }: Running, times: number, how = failure(true)): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    await settled();
    transport.last.listener.fail(how);
  }
  await settled();
}

const TENANT_DE = [
  ...permissive("tenant"),
  policy("tenant", "tenant", [rule("DE", { "backend.location.country": { in: ["DE"] } }, { applies_to: "backend" })]),
];
const TENANT_FR = [
  ...permissive("tenant"),
  policy("tenant", "tenant", [rule("FR", { "backend.location.country": { in: ["FR"] } }, { applies_to: "backend" })]),
];

describe("dispatch", () => {
  it("sends to one place, under a clearance for this request and that place", async () => {
    const { transport, done } = running();
    answerJson(transport.last);
    const { attempts, fault, backend: place } = await done;
    expect([attempts, fault, transport.sent.length]).toEqual([1, undefined, 1]);
    expect(transport.last.clearance.request).toBe(REQUEST);
    expect(transport.last.clearance.backend).toBe(place);
  });

  it("tries another place under another clearance, each once", async () => {
    const run = running();
    await failing(run, 2);
    answerJson(run.transport.last);
    expect((await run.done).attempts).toBe(3);
    expect(new Set(run.transport.places).size).toBe(3);
    expect(new Set(run.transport.sent.map(({ clearance }) => clearance)).size).toBe(3);
  });

  it("gives up behind attemptsMax, with the last failure", async () => {
    const run = running();
    await failing(run, BOUNDS.attemptsMax);
    const { attempts, fault } = await run.done;
    expect([attempts, fault?.fault, run.transport.sent.length]).toEqual([BOUNDS.attemptsMax, "engine_failed", BOUNDS.attemptsMax]);
  });

  it("does not try again what no other place would do better", async () => {
    const run = running();
    await failing(run, 1, failure(false));
    expect([(await run.done).attempts, run.transport.sent.length]).toEqual([1, 1]);
  });

  it("does not try again behind the first byte", async () => {
    const run = running({}, callOf({ stream: true }));
    streamHead(run.transport.last);
    streamText(run.transport.last, "he");
    run.transport.last.listener.fail(failure(true));
    const { fault, attempt } = await run.done;
    expect(fault).toBeUndefined();
    expect(await attempt?.ended).toMatchObject({ kind: "failed" });
    expect(run.transport.sent).toHaveLength(1);
  });

  it("keeps within the retry budget of the whole process", async () => {
    const run = running();
    for (let n = 0; n < BOUNDS.retryBudgetMin; n += 1) run.world.retries.withdraw();
    await failing(run, 1);
    expect([(await run.done).attempts, run.transport.sent.length]).toEqual([1, 1]);
  });

  it("takes nothing from the budget for what no engine works on any more", async () => {
    const run = running();
    for (let n = 0; n < BOUNDS.retryBudgetMin; n += 1) run.world.retries.withdraw();
    await failing(run, 1, { ...failure(true, true), lost: true });
    answerJson(run.transport.last);
    expect([(await run.done).attempts, new Set(run.transport.places).size]).toEqual([2, 2]);
  });

  it("asks an only backend again when just an old connection to it was lost, and no oftener than bounds allow", async () => {
    const run = running({ backends: [standing("only", "DE")] });
    await failing(run, BOUNDS.attemptsMax, { ...failure(true), lost: true });
    expect([(await run.done).attempts, run.transport.places]).toEqual([BOUNDS.attemptsMax, ["only", "only", "only"]]);
  });

  it("prefers another backend to the one whose old connection was lost, and asks none again that is ill", async () => {
    const run = running({ backends: [standing("one", "DE"), standing("two", "DE")] });
    await failing(run, 1, { ...failure(true), lost: true });
    expect(new Set(run.transport.places).size).toBe(2);
    await failing(run, 1, { ...failure(true, true), lost: true });
    expect([(await run.done).attempts, run.transport.sent.length]).toEqual([2, 2]);
  });

  it("has a trial again when its caller has left", async () => {
    const run = running({ backends: [standing("only", "DE")] });
    const { fleet } = run.world;
    const [only] = run.world.estate().declared.backends.values();
    if (only === undefined) throw new Error("no backend");
    const { model } = callOf().alias;
    for (let n = 0; n < BOUNDS.breakerFailuresMax; n += 1) fleet.failed(only.id, model, true);
    run.clock.advance(BOUNDS.breakerOpenMs);
    fleet.begin(only.id, model);
    expect(fleet.candidate(only, model).state).toBe("breaker-open");
    run.exit.leave();
    await settled();
    expect(fleet.candidate(only, model).state).toBe("up");
  });

  it("sends nothing once the caller has left", async () => {
    const run = running();
    run.exit.leave();
    expect(run.transport.last.calls).toContain("cancel");
    expect(await run.done).toMatchObject({ attempts: 1, fault: undefined });
    expect(run.transport.sent).toHaveLength(1);
  });
});

describe("dispatch and the law", () => {
  it("asserts the newest law before every send", async () => {
    const run = running({ backends: [standing("de-1", "DE"), standing("de-2", "DE"), standing("fr", "FR")], policies: TENANT_DE });
    expect(run.transport.places[0]).toMatch(/^de/);
    run.adopt({ policies: TENANT_FR });
    await failing(run, 1);
    expect(run.transport.places[1]).toBe("fr");
    expect(run.transport.last.clearance.epoch).toBe(2);
  });

  it("sends nothing more when the newest law leaves no place, and keeps the failure that there was", async () => {
    const run = running({ backends: [standing("de-1", "DE"), standing("de-2", "DE")], policies: TENANT_DE });
    run.adopt({ policies: TENANT_FR });
    await failing(run, 1);
    expect((await run.done).fault?.fault).toBe("engine_failed");
    expect(run.transport.sent).toHaveLength(1);
  });

  it("goes by the class that the tenant has now", async () => {
    const classes = [
      rule("ANY", { "backend.location.country": { in: ["DE", "FR"] } }),
      rule(
        "SECRET",
        { "backend.location.country": { in: ["FR"] } },
        { when: { "request.class": { at_least: "secret" } }, applies_to: "backend" },
      ),
    ];
    const run = running({
      backends: [standing("de-1", "DE"), standing("de-2", "DE"), standing("fr", "FR", { concurrencyMax: 9 })],
      policies: [...permissive("tenant"), policy("tenant", "tenant", classes)],
    });
    run.adopt({ defaultClass: "secret" });
    await failing(run, 1);
    expect(run.transport.places[1]).toBe("fr");
  });

  it("does not come back to a place that a reload only declared anew", async () => {
    const run = running({ backends: [standing("a", "DE")] });
    run.adopt({ backends: [standing("a", "DE")] });
    await failing(run, 1);
    expect(run.transport.sent).toHaveLength(1);
    expect((await run.done).fault?.fault).toBe("engine_failed");
  });

  it("finds nobody up: 503 that says when to come again", async () => {
    const held = bench();
    for (const { id } of BACKENDS) for (let n = 0; n < BOUNDS.probesFailedMax; n += 1) held.world.fleet.probed(id, undefined);
    const { question } = decide(callOf(), held.principal, undefined, held.world);
    const delivery = new Delivery(new FakeExit(), held.clock, { stream: false, headers: () => [] });
    const { fault, attempts } = await dispatch({ request: REQUEST, call: callOf(), question, mayLook: true }, delivery, held.world);
    expect([fault?.fault, fault?.kind.status, attempts]).toEqual(["sov_no_healthy", 503, 0]);
    expect(fault?.retryAfterMs).toBeGreaterThan(0);
    expect(fault?.extra?.["sovereignty"]).toMatchObject({ admissible: BACKENDS.length, excluded: [] });
  });

  it("says what the engines cannot do when none of them can", async () => {
    const triton = backend("t", BACKENDS[0]?.facts ?? { facts: new Map(), certificates: [] }, { engine: "triton" });
    const { fault } = await running({ backends: [triton] }).done.then((end) => end);
    expect([fault?.fault, fault?.kind.status]).toEqual(["unsupported_parameter", 400]);
  });
});

describe("what routing learns", () => {
  const inFlight = (run: Running, id = "a"): number | undefined => run.world.fleet.snapshot().find((row) => row.backend === id)?.inFlight;
  const first = (run: Running): string => run.transport.places[0] ?? "";

  it("counts a request in flight until its attempt has ended", async () => {
    const run = running();
    expect(inFlight(run, first(run))).toBe(1);
    answerJson(run.transport.last);
    await settled();
    expect(inFlight(run, first(run))).toBe(0);
  });

  it("counts a sick failure against the place, and a caller that leaves not", async () => {
    const sick = running({ backends: [standing("a", "DE")] });
    for (let n = 1; n < BOUNDS.breakerFailuresMax; n += 1)
      sick.world.fleet.failed(BACKENDS[0]?.id ?? sick.transport.last.clearance.backend.id, callOf().alias.model, true);
    await failing(sick, 1, failure(true, true));
    expect(sick.world.fleet.snapshot()[0]?.models[0]?.breaker).toBe("open");
    const left = running({ backends: [standing("a", "DE")] });
    left.exit.leave();
    await settled();
    expect([left.world.fleet.snapshot()[0]?.models[0]?.breaker, inFlight(left)]).toEqual(["closed", 0]);
  });
});
