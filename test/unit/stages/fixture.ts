/** One gateway in the hand: a small lawful world, callers that are buffers, and engines that answer when a test says so. */
import { isUtf8 } from "node:buffer";
import { hash } from "node:crypto";
import { engines } from "../../../src/backends/index.ts";
import type { Call } from "../../../src/domain/call.ts";
import type { Clearance } from "../../../src/domain/clearance.ts";
import type { Declared, PolicySource } from "../../../src/domain/estate.ts";
import type { Backend } from "../../../src/domain/fleet.ts";
import { mspId, projectId, requestId, tenantId } from "../../../src/domain/ids.ts";
import type { Alias, Principal } from "../../../src/domain/tenancy.ts";
import { Fault } from "../../../src/faults.ts";
import { LocalGate } from "../../../src/gate/local.ts";
import { readCall } from "../../../src/openai/read-call.ts";
import type { Arrival, Clock, Exit, HeaderList, Listener, Outbound, RequestRecord, Stop, Transport, Upstream } from "../../../src/ports.ts";
import { Fleet } from "../../../src/routing/fleet.ts";
import { RetryBudget } from "../../../src/routing/retry-budget.ts";
import { CacheSalts } from "../../../src/stages/cache-salt.ts";
import { Idempotency } from "../../../src/stages/idempotency.ts";
import type { Entered } from "../../../src/stages/ingress.ts";
import { Live } from "../../../src/stages/live.ts";
import { hostsOf, type Estate, type World } from "../../../src/world.ts";
import { HandClock, MemoryJournal, principalOf, type LimitsByScope } from "../gate/fixtures.ts";
import { input, MODEL, NOW_MS, bundleOf, permissive, standing } from "../policies/fixture.ts";

export const REQUEST = requestId("0190".padEnd(32, "a"));
export const SECRET = "sk-stage-test-secret";
export const sha256 = (bytes: Buffer | string): string => hash("sha256", bytes, "base64url");

export const ALIAS: Alias = {
  name: "brand-large",
  model: MODEL.id,
  ownedBy: "brand",
  price: { inputMicroPerMillion: 1_000_000, cachedInputMicroPerMillion: 500_000, outputMicroPerMillion: 2_000_000 },
  createdAtS: 1,
};

/** The clock of a test; time passes by hand, repeatedly if need be. */
export class StageClock implements Clock {
  readonly #hand: HandClock;

  constructor(startMs = NOW_MS) {
    this.#hand = new HandClock(startMs);
  }

  nowMs(): number {
    return this.#hand.nowMs();
  }

  monotonicMs(): number {
    return this.#hand.monotonicMs();
  }

  after(ms: number, then: () => void): Stop {
    return this.#hand.after(ms, then);
  }

  every(ms: number, then: () => void): Stop {
    let stop = this.after(ms, () => {
      stop = this.every(ms, then);
      then();
    });
    return () => stop();
  }

  turn(then: () => void): void {
    this.#hand.turn(then);
  }

  advance(ms: number): void {
    this.#hand.advance(ms);
  }

  get timers(): number {
    return this.#hand.timers;
  }
}

/** A caller whose bytes can be looked at. */
export class FakeExit implements Exit {
  status = 0;
  headers: HeaderList = [];
  text = "";
  state: "open" | "ended" | "aborted" = "open";
  /** What write() says next. */
  takes = true;
  #gone: (() => void)[] = [];
  #drained: (() => void)[] = [];

  get started(): boolean {
    return this.status !== 0;
  }

  head(status: number, headers: HeaderList): void {
    this.status = status;
    this.headers = headers;
  }

  write(bytes: Buffer): boolean {
    this.text += bytes.toString("utf8");
    return this.takes;
  }

  end(bytes?: Buffer): void {
    this.text += bytes?.toString("utf8") ?? "";
    this.state = "ended";
  }

  abort(): void {
    this.state = "aborted";
  }

  onGone(then: () => void): void {
    this.#gone.push(then);
  }

  onDrain(then: () => void): void {
    this.#drained.push(then);
  }

  leave(): void {
    for (const then of this.#gone) then();
  }

  drain(): void {
    for (const then of this.#drained) then();
  }

  header(name: string): string | undefined {
    return this.headers[this.headers.indexOf(name) + 1];
  }
}

export type FakeArrival = Arrival & { readonly exit: FakeExit };

export const CHAT_BODY = JSON.stringify({ model: ALIAS.name, messages: [{ role: "user", content: "hello" }], max_tokens: 10 });

export function arrivalOf({
  body = CHAT_BODY,
  headers = {},
  host = "brand.test",
}: { body?: string | Promise<Buffer>; headers?: Readonly<Record<string, string>>; host?: string } = {}): FakeArrival {
  const all: Readonly<Record<string, string>> = { authorization: `Bearer ${SECRET}`, "content-type": "application/json", ...headers };
  return {
    method: "POST",
    path: "/v1/chat/completions",
    query: new URLSearchParams(),
    host,
    address: "192.0.2.1",
    values: (name) => (all[name] === undefined ? [] : [all[name]]),
    header: (name) => all[name],
    body: () => (typeof body === "string" ? Promise.resolve(Buffer.from(body)) : body),
    exit: new FakeExit(),
  };
}

export function callOf(body: Readonly<Record<string, unknown>> = {}): Call {
  const text = JSON.stringify({ model: ALIAS.name, messages: [{ role: "user", content: "hello" }], max_tokens: 10, ...body });
  return readCall("chat", Buffer.from(text), () => ALIAS, { isUtf8: () => true });
}

/** What was sent, and the engine's side of it. */
export interface Sent {
  readonly clearance: Clearance;
  readonly outbound: Outbound;
  readonly listener: Listener;
  readonly calls: string[];
}

export class FakeTransport implements Transport {
  readonly sent: Sent[] = [];

  send(clearance: Clearance, outbound: Outbound, listener: Listener): Upstream {
    const calls: string[] = [];
    this.sent.push({ clearance, outbound, listener, calls });
    return { pause: () => void calls.push("pause"), resume: () => void calls.push("resume"), cancel: () => void calls.push("cancel") };
  }

  get last(): Sent {
    const last = this.sent.at(-1);
    if (last === undefined) throw new Error("nothing was sent");
    return last;
  }

  get places(): readonly string[] {
    return this.sent.map(({ clearance }) => clearance.backend.id);
  }
}

export const failure = (elsewhere: boolean, sick = false): Parameters<Listener["fail"]>[0] => ({
  fault: new Fault("engine_failed"),
  elsewhere,
  sick,
});

export function answerJson({ listener }: Sent, text = "hi", usage: object = { prompt_tokens: 4, completion_tokens: 2 }): void {
  listener.head(200, { "content-type": "application/json" });
  listener.data(
    Buffer.from(
      JSON.stringify({
        id: "x",
        object: "chat.completion",
        model: "llama",
        choices: [{ index: 0, message: { role: "assistant", content: text }, finish_reason: "stop" }],
        usage,
      }),
    ),
  );
  listener.end();
}

export const streamHead = ({ listener }: Sent): void => listener.head(200, { "content-type": "text/event-stream" });

export function streamText({ listener }: Sent, text: string, finish: string | null = null): void {
  const choices = [{ index: 0, delta: { content: text }, finish_reason: finish }];
  listener.data(Buffer.from(`data: ${JSON.stringify({ id: "x", object: "chat.completion.chunk", model: "llama", choices })}\n\n`));
}

export interface Bench {
  readonly world: World;
  readonly clock: StageClock;
  readonly transport: FakeTransport;
  readonly gate: LocalGate;
  readonly journal: MemoryJournal;
  readonly records: RequestRecord[];
  readonly principal: Principal;
  /** Swaps the law, the fleet, or who declares what. */
  adopt(next: { backends?: readonly Backend[]; policies?: readonly PolicySource[]; defaultClass?: string }): void;
  entered(): Entered;
}

export interface Setting {
  readonly backends?: readonly Backend[];
  readonly policies?: readonly PolicySource[];
  readonly limits?: LimitsByScope;
  readonly diagnostics?: boolean;
  readonly draining?: () => boolean;
}

export const BACKENDS = [standing("a", "DE"), standing("b", "DE"), standing("c", "DE"), standing("d", "DE")];

function principalWith({ limits = {}, diagnostics = false }: Setting): Principal {
  const { msp, tenant, project, key } = principalOf(limits, { msp: "msp", tenant: "tenant", project: "project", key: "key" });
  const brand = { name: "Brand", supportUrl: undefined, diagnostics };
  return {
    msp: { ...msp, hosts: ["brand.test"], brand, aliases: new Map([[ALIAS.name, ALIAS]]) },
    tenant: { ...tenant, defaultClass: "confidential" },
    project,
    key: { ...key, hash: sha256(SECRET), explain: diagnostics },
  };
}

function estateOf(
  principal: Principal,
  {
    backends,
    policies,
    epoch,
    defaultClass,
  }: { backends: readonly Backend[]; policies: readonly PolicySource[]; epoch: number; defaultClass: string },
): Estate {
  const tenant = { ...principal.tenant, defaultClass };
  const law = input(backends, policies, { epoch, tenants: new Map([[tenantId("tenant"), tenant]]) });
  const declared: Declared = {
    settings: {
      listen: [],
      admin: { host: "", port: 0, keyHash: undefined },
      trustedProxies: [],
      dataDir: "",
      fsync: false,
      logLevel: "silent",
      deadlines: { firstByteMsMax: 120_000, betweenBytesMsMax: 60_000, totalMsMax: 600_000 },
    },
    operators: law.operators,
    sites: new Map(),
    models: new Map([[MODEL.id, MODEL]]),
    backends: law.backends,
    msps: new Map([[mspId("msp"), principal.msp]]),
    tenants: law.tenants,
    projects: new Map([[projectId("project"), principal.project]]),
    keys: [principal.key],
    policies,
    self: law.self,
    routing: { name: "best", weights: { queue: 0, inFlight: 1, kvUse: 0, latency: 0, price: 0, weight: 0 }, picker: "best" },
    cells: [],
  };
  return { declared, bundle: bundleOf(backends, policies, { epoch, tenants: law.tenants }), hosts: hostsOf(declared.msps) };
}

export function bench(setting: Setting = {}): Bench {
  const clock = new StageClock();
  const journal = new MemoryJournal();
  const gate = new LocalGate(journal, clock, []);
  const transport = new FakeTransport();
  const fleet = new Fleet(clock);
  const principal = principalWith(setting);
  let now = { backends: setting.backends ?? BACKENDS, policies: setting.policies ?? permissive(), defaultClass: "confidential", epoch: 1 };
  let estate = estateOf(principal, now);
  fleet.reset(now.backends);
  const records: RequestRecord[] = [];
  const digest = { sha256, isUtf8: (bytes: Buffer): boolean => isUtf8(bytes) };
  const world: World = {
    clock,
    random: { unit: () => 0, requestId: () => REQUEST, id: (prefix) => `${prefix}_1`, secret: () => "" },
    gate,
    directory: { byKeyHash: (key) => (key === principal.key.hash ? principal : undefined) },
    transport,
    engines: engines(),
    fleet,
    retries: new RetryBudget(clock),
    observer: { finished: (record) => void records.push(record) },
    hash: digest,
    live: new Live(gate),
    idempotency: new Idempotency(digest),
    cacheSalts: new CacheSalts(digest, "secret"),
    estate: () => estate,
    draining: setting.draining ?? (() => false),
  };
  return {
    world,
    clock,
    transport,
    gate,
    journal,
    records,
    principal,
    adopt(next) {
      now = { ...now, ...next, epoch: now.epoch + 1 };
      estate = estateOf(principal, now);
      fleet.reset(now.backends);
    },
    entered: () => ({ request: REQUEST, msp: principal.msp, estate, atMs: clock.nowMs(), startedMs: clock.monotonicMs() }),
  };
}

/** Lets everything that is ready run. */
export const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** The fault that is thrown, or that a promise rejects with. */
export async function faultOf(run: () => unknown): Promise<Fault> {
  try {
    await run();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}
