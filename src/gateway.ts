/** The path of an inference request: one straight line. Every stage's output is the next one's input, and every way out settles exactly once. */
import type { Call, Wire } from "./domain/call.ts";
import type { Backend, Model } from "./domain/fleet.ts";
import type { RequestId } from "./domain/ids.ts";
import type { Principal } from "./domain/tenancy.ts";
import { Fault } from "./faults.ts";
import { answerHeaders } from "./openai/headers.ts";
import type { Arrival, HeaderList } from "./ports.ts";
import { admit, type Hold } from "./stages/admit.ts";
import { authenticate } from "./stages/authenticate.ts";
import { decide, mayLook, type Decided } from "./stages/decide.ts";
import { Delivery } from "./stages/delivery.ts";
import { diagnostics } from "./stages/diagnostics.ts";
import { dispatch } from "./stages/dispatch.ts";
import { atTheDoor } from "./stages/door.ts";
import { home } from "./stages/home.ts";
import type { EndSlot } from "./stages/idempotency.ts";
import { ingress, type Entered } from "./stages/ingress.ts";
import { read } from "./stages/read.ts";
import { recordOf, type Trace } from "./stages/record.ts";
import { relay } from "./stages/relay.ts";
import { settle } from "./stages/settle.ts";
import type { World } from "./world.ts";

/**
 * Carries one inference request from its head to its settlement; the answer goes out through `arrival.exit`.
 * @throws Fault for the caller, only while nothing has gone out
 */
export async function serve(arrival: Arrival, wire: Wire, request: RequestId, world: World): Promise<void> {
  const trace: Trace = { request, arrival, startedMs: world.clock.monotonicMs(), attempts: 0 };
  if (world.tracer !== undefined) trace.span = world.tracer.start(arrival, wire);
  world.live.enter();
  try {
    await pass(arrival, wire, trace, world);
  } catch (thrown) {
    trace.thrown = await atTheDoor(thrown, arrival, world);
    throw trace.thrown;
  } finally {
    world.live.leave();
    const record = recordOf(trace, world.clock);
    world.observer.finished(record);
    trace.span?.end(record, trace.call?.alias.name);
  }
}

async function pass(arrival: Arrival, wire: Wire, trace: Trace, world: World): Promise<void> {
  const require = arrival.header("sovereignty-require");
  const entered = ingress(arrival, trace.request, world);
  const principal = (trace.principal = authenticate(arrival, entered, world));
  home(principal, require, entered, world);
  // ----- nothing of the body has been read up to here -----
  const call = (trace.call = await read(arrival, wire, { principal, entered }, world));
  const slot = await claimSlot(arrival, call, { principal, entered }, world);
  try {
    const decided = decide(call, principal, require, world);
    const hold = await admit(call, modelOf(call, entered), { principal, entered }, world);
    await fulfil({ arrival, entered, principal, call, decided, hold }, trace, world);
  } finally {
    slot?.(trace.bill !== undefined && trace.bill.usage.source !== "none");
  }
}

interface Admitted {
  readonly arrival: Arrival;
  readonly entered: Entered;
  readonly principal: Principal;
  readonly call: Call;
  readonly decided: Decided;
  readonly hold: Hold;
}

/** From the hold on there is one way out: through the settlement. */
async function fulfil(admitted: Admitted, trace: Trace, world: World): Promise<void> {
  const { arrival, entered, principal, call, decided, hold } = admitted;
  const delivery = (trace.delivery = new Delivery(arrival.exit, world.clock, {
    stream: call.stream,
    brand: principal.msp.brand,
    headers: (backend) => headersOf(admitted, backend, world),
  }));
  const end = world.live.begin(entered.request, { call, hold, delivery, startedMs: world.clock.monotonicMs() });
  try {
    const dispatched = await dispatch(
      { request: entered.request, call, question: decided.question, mayLook: mayLook(principal), span: trace.span },
      delivery,
      world,
    );
    trace.backend = dispatched.backend;
    trace.attempts = dispatched.attempts;
    trace.ending = await relay(dispatched, delivery);
  } finally {
    end();
    trace.bill = settle({ entered, call, hold, delivery, trace }, world);
  }
  const { fault } = trace.ending;
  if (fault !== undefined && !delivery.started) throw fault;
}

function headersOf({ entered, principal, call, decided, hold }: Admitted, backend: Backend | undefined, world: World): HeaderList {
  const processingMs = world.clock.monotonicMs() - entered.startedMs;
  const known = answerHeaders({ request: entered.request, stream: call.stream, processingMs, windows: hold.windows });
  const more = diagnostics(principal, decided, backend);
  return more.length === 0 ? known : [...known, ...more];
}

function modelOf(call: Call, entered: Entered): Model {
  const model = entered.estate.declared.models.get(call.alias.model);
  if (model === undefined) throw new Error(`alias ${call.alias.name} names a model that is not declared`);
  return model;
}

function claimSlot(
  arrival: Arrival,
  call: Call,
  who: { principal: Principal; entered: Entered },
  world: World,
): Promise<EndSlot> | undefined {
  const key = arrival.header("idempotency-key");
  if (key === undefined) return undefined;
  return world.idempotency.claim(key, who.principal.tenant.id, call, who.entered.request);
}

/** A broken invariant is no fault: loud in the log, and a plain 500 for the caller. */
export function asFault(thrown: unknown): Fault {
  return thrown instanceof Fault
    ? thrown
    : new Fault("internal", { cause: thrown, detail: thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown) });
}
