/** Seventh stage: to the best of the lawful, until the first byte. The law is asserted again in the instant before every send. */
import { BOUNDS } from "../bounds.ts";
import type { Call } from "../domain/call.ts";
import type { Clearance } from "../domain/clearance.ts";
import type { Declared } from "../domain/estate.ts";
import type { Backend } from "../domain/fleet.ts";
import type { BackendId, RequestId } from "../domain/ids.ts";
import type { Question } from "../domain/law.ts";
import { Fault } from "../faults.ts";
import { clear } from "../policies/clear.ts";
import { decide } from "../policies/decide.ts";
import { stillLawful } from "../policies/lawful.ts";
import type { AttemptSpan, Engine, Failure, RequestSpan } from "../ports.ts";
import type { Candidate } from "../routing/fleet.ts";
import { rank } from "../routing/rank.ts";
import type { World } from "../world.ts";
import { Attempt, type AttemptEnd } from "./attempt.ts";
import { nobodyUp, refusal } from "./decide.ts";
import type { Delivery } from "./delivery.ts";

export interface Order {
  readonly request: RequestId;
  readonly call: Call;
  readonly question: Question;
  /** Whether a refusal may tell place by place. */
  readonly mayLook: boolean;
  /** undefined: the request is not followed. */
  readonly span?: RequestSpan | undefined;
}

/** The attempt that reached the caller, or the last one that did not. */
export interface Dispatched {
  readonly attempt: Attempt | undefined;
  readonly backend: Backend | undefined;
  readonly attempts: number;
  /** Set when no attempt reached the caller. */
  readonly fault: Fault | undefined;
}

/** Never throws for what engines do: the fault is in the answer, beside what was tried. */
export async function dispatch(order: Order, delivery: Delivery, world: World): Promise<Dispatched> {
  const tried = new Set<BackendId>();
  let attempts = 0;
  let last: Failed | undefined;
  world.retries.deposit();
  while (!delivery.gone && attempts < BOUNDS.attemptsMax && (last === undefined || mayGoOn(last.failure, world))) {
    const next = chooseNext(order, tried, last, world);
    if (next instanceof Fault) return { attempt: last?.attempt, backend: last?.backend, attempts, fault: last?.failure.fault ?? next };
    const { backend } = next;
    tried.add(backend.id);
    attempts += 1;
    const attempt = send(order, next, delivery, world);
    const end = await attempt.begun;
    if (end?.kind !== "failed" || delivery.started) {
      if (end === undefined) world.fleet.answered(backend.id, order.call.alias.model);
      return { attempt, backend, attempts, fault: undefined };
    }
    last = { attempt, backend, failure: end.failure };
    if (!end.failure.elsewhere) break;
  }
  return { attempt: last?.attempt, backend: last?.backend, attempts, fault: last?.failure.fault };
}

/** An attempt that brought the caller nothing. */
interface Failed {
  readonly attempt: Attempt;
  readonly backend: Backend;
  readonly failure: Failure;
}

/** The budget is there for engines that still work on what they failed to answer. */
function mayGoOn(failure: Failure, { retries }: World): boolean {
  return failure.lost === true || retries.withdraw();
}

/** Another backend; where there is none, and only an old connection to the last one was lost, that one again. */
function chooseNext(order: Order, tried: Set<BackendId>, last: Failed | undefined, world: World): Choice | Fault {
  const next = choose(order, tried, world);
  if (!(next instanceof Fault) || last?.failure.lost !== true || last.failure.sick) return next;
  tried.delete(last.backend.id);
  return choose(order, tried, world);
}

interface Choice {
  readonly backend: Backend;
  readonly clearance: Clearance;
}

/** The best backend not yet tried that is up, can do what the call asks, and is lawful by the newest law. */
function choose(order: Order, tried: ReadonlySet<BackendId>, world: World): Choice | Fault {
  const { call, request } = order;
  const { declared, bundle } = world.estate();
  const question = asOfNow(order.question, declared);
  const nowMs = world.clock.nowMs();
  const decision = decide(bundle, question, nowMs);
  const places = order.mayLook ? declared.backends : undefined;
  if (decision.admissible.length === 0) return refusal(decision, places);
  const candidates = able(call, decision.admissible, tried, world);
  if (candidates instanceof Fault) return candidates;
  for (const { candidate } of rank(declared.routing, candidates, world.random)) {
    const { backend } = candidate;
    if (stillLawful(bundle, question, backend, nowMs)) return { backend, clearance: clear(bundle, decision, backend, request) };
  }
  return nobodyUp(decision, places);
}

/** The class that a tenant's requests have is law as well: of the newest declaration, not of the one that let the request in. */
function asOfNow(question: Question, declared: Declared): Question {
  const defaultClass = declared.tenants.get(question.tenant)?.defaultClass ?? question.defaultClass;
  return defaultClass === question.defaultClass ? question : { ...question, defaultClass };
}

/** Backends not yet tried whose engine can do what the call asks; when none can, what the engine cannot do. */
function able(call: Call, admissible: readonly Backend[], tried: ReadonlySet<BackendId>, world: World): Candidate[] | Fault {
  const candidates: Candidate[] = [];
  const tokens = { prompt: call.promptTokensEstimate, completion: call.completionTokensAsked ?? BOUNDS.assumedCompletionTokens };
  let unable: Fault | undefined;
  for (const backend of admissible) {
    if (tried.has(backend.id)) continue;
    const fault = world.engines[backend.engine].accepts(call, backend);
    if (fault === undefined) candidates.push(world.fleet.candidate(backend, call.alias.model, tokens));
    else unable = fault;
  }
  return candidates.length === 0 && unable !== undefined ? unable : candidates;
}

function send(order: Order, { backend, clearance }: Choice, delivery: Delivery, world: World): Attempt {
  const { call, request } = order;
  const engine: Engine = world.engines[backend.engine];
  const reply = engine.reply(call, backend, request);
  const attempt = new Attempt(reply, delivery, backend.credential);
  delivery.from(backend, reply.observed);
  const outbound = engine.outbound(call, backend, request);
  const sentAtMs = world.clock.monotonicMs();
  world.fleet.begin(backend.id, call.alias.model);
  const span = order.span?.attempt(backend);
  void attempt.ended.then((end) => account({ end, backend, order, sentAtMs, delivery, span }, world));
  try {
    attempt.attach(world.transport.send(clearance, outbound, attempt));
  } catch (broken) {
    // Nothing was sent, so no attempt will ever end: what was counted for it is taken back here.
    world.fleet.end(backend.id);
    throw broken;
  }
  return attempt;
}

interface Account {
  readonly end: AttemptEnd;
  readonly backend: Backend;
  readonly order: Order;
  readonly sentAtMs: number;
  readonly delivery: Delivery;
  readonly span: AttemptSpan | undefined;
}

/** What routing learns from an attempt. A caller that leaves says nothing about the backend, but a trial that it was must be had anew. */
function account({ end, backend, order, sentAtMs, delivery, span }: Account, world: World): void {
  span?.end(end.failure);
  const { model } = order.call.alias;
  world.fleet.end(backend.id);
  if (end.failure !== undefined || end.kind !== "served") world.fleet.failed(backend.id, model, end.failure?.sick === true);
  else world.fleet.succeeded(backend.id, model, (delivery.firstByteAtMs ?? sentAtMs) - sentAtMs);
}
