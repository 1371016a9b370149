/** A clock that is moved by hand, a journal in memory that fails on demand, and callers with any limits. */
import { keyId, modelId, mspId, projectId, requestId, tenantId } from "../../../src/domain/ids.ts";
import type { Key, Limits, Msp, Principal, Project, Tenant } from "../../../src/domain/tenancy.ts";
import { NO_USAGE, tokensKept, type Usage } from "../../../src/domain/usage.ts";
import { Fault } from "../../../src/faults.ts";
import { SCOPES } from "../../../src/ports.ts";
import type {
  Claim,
  Clock,
  EndRecord,
  Granted,
  HoldRecord,
  Journal,
  JournalRecord,
  MarkRecord,
  Orphan,
  Scope,
  Settlement,
  Stop,
} from "../../../src/ports.ts";

export const START_MS = Date.UTC(2026, 10, 12, 9, 0, 0);
export const UNLIMITED: Limits = {
  requestsPerMinute: undefined,
  tokensPerMinute: undefined,
  concurrency: undefined,
  budgetPerMonth: undefined,
};

export class HandClock implements Clock {
  #monotonicMs = 0;
  #wallMs: number;
  #timers: { readonly atMs: number; readonly then: () => void }[] = [];

  constructor(startMs = START_MS) {
    this.#wallMs = startMs;
  }

  nowMs(): number {
    return this.#wallMs;
  }

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  after(ms: number, then: () => void): Stop {
    const timer = { atMs: this.#monotonicMs + ms, then };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  every(_ms: number, _then: () => void): Stop {
    throw new Error("not used here");
  }

  turn(then: () => void): void {
    queueMicrotask(then);
  }

  /** Moves both clocks on and runs what falls due, in its order. */
  advance(ms: number): void {
    const untilMs = this.#monotonicMs + ms;
    for (;;) {
      const next = this.#timers.filter(({ atMs }) => atMs <= untilMs).sort((one, other) => one.atMs - other.atMs)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((other) => other !== next);
      this.#move(Math.max(next.atMs, this.#monotonicMs));
      next.then();
    }
    this.#move(untilMs);
  }

  /** Only the wall clock: somebody set it. */
  setWall(ms: number): void {
    this.#wallMs = ms;
  }

  get timers(): number {
    return this.#timers.length;
  }

  #move(toMs: number): void {
    this.#wallMs += toMs - this.#monotonicMs;
    this.#monotonicMs = toMs;
  }
}

export class MemoryJournal implements Journal {
  records: JournalRecord[] = [];
  /** What append throws, and what durable rejects with, while set. */
  appendFails = false;
  writeFails = false;
  #unwritten: JournalRecord[] = [];

  append(record: JournalRecord): void {
    if (this.appendFails) throw new Fault("ledger_unavailable");
    this.#unwritten.push(record);
  }

  durable(): Promise<void> {
    return Promise.resolve().then(() => this.#write());
  }

  #write(): void {
    const batch = this.#unwritten;
    this.#unwritten = [];
    if (this.writeFails) {
      this.#unwritten = batch.filter(({ kind }) => kind === "end");
      throw new Fault("ledger_unavailable");
    }
    this.records.push(...batch);
  }

  /** What a new process finds: holds without an end. What was queued and not written is gone. */
  crash(): Orphan[] {
    this.#unwritten = [];
    return orphansIn(this.records);
  }
}

export function orphansIn(records: readonly JournalRecord[]): Orphan[] {
  const holds = new Map<string, HoldRecord>();
  const marks = new Map<string, MarkRecord>();
  for (const record of records) {
    if (record.kind === "hold") holds.set(record.request, record);
    else if (record.kind === "mark") marks.set(record.request, record);
    else holds.delete(record.request);
  }
  return [...holds.values()].map((hold) => ({ hold, mark: marks.get(hold.request) }));
}

/** What a storage says that these records granted in the minute before `nowMs`: one entry for each hold and scope. */
export function grantedIn(records: readonly JournalRecord[], nowMs: number): Granted[] {
  const ends = new Map(records.filter((record): record is EndRecord => record.kind === "end").map((end) => [end.request, end]));
  const orphans = new Map(orphansIn(records).map(({ hold, mark }) => [hold.request, mark]));
  const recent = records.filter((record): record is HoldRecord => record.kind === "hold" && record.atMs > nowMs - 60_000);
  return recent.flatMap((hold) => {
    const { outcome, usage } = ends.get(hold.request) ?? {
      outcome: "crashed" as const,
      usage: orphans.get(hold.request)?.usage ?? NO_USAGE,
    };
    return SCOPES.map((scope) => ({
      scope,
      id: hold[scope],
      atMs: hold.atMs,
      requests: 1,
      tokens: tokensKept(hold.tokens, outcome, usage),
    }));
  });
}

export type LimitsByScope = Partial<Record<Scope, Partial<Limits>>>;

/** A caller whose levels are named after `name`, or after the ids given. */
export function principalOf(limits: LimitsByScope = {}, ids: Partial<Record<Scope, string>> = {}): Principal {
  const msp: Msp = {
    id: mspId(ids.msp ?? "msp-1"),
    hosts: [],
    brand: { name: "Brand", supportUrl: undefined, diagnostics: false },
    aliases: new Map(),
    priceBook: { version: "2026-11", currency: "EUR" },
    limits: { ...UNLIMITED, ...limits.msp },
  };
  const tenant: Tenant = {
    id: tenantId(ids.tenant ?? "tenant-1"),
    msp: msp.id,
    name: "T",
    limits: { ...UNLIMITED, ...limits.tenant },
    defaultClass: "open",
  };
  const project: Project = {
    id: projectId(ids.project ?? "project-1"),
    tenant: tenant.id,
    name: "P",
    limits: { ...UNLIMITED, ...limits.project },
  };
  const key: Key = {
    id: keyId(ids.key ?? "key-1"),
    project: project.id,
    name: "K",
    hash: "",
    hint: "",
    limits: { ...UNLIMITED, ...limits.key },
    expiresAtMs: undefined,
    revokedAtMs: undefined,
    createdAtMs: 0,
    models: undefined,
    cidrs: undefined,
    explain: false,
  };
  return { msp, tenant, project, key };
}

let requests = 0;

export function claimBy(principal: Principal, parts: Partial<Claim> = {}): Claim {
  requests += 1;
  const request = requestId(requests.toString(16).padStart(32, "0"));
  return {
    request,
    principal,
    model: modelId("model-1"),
    alias: "small",
    capability: "chat",
    tokens: 100,
    amount: 1_000,
    atMs: START_MS,
    ...parts,
  };
}

export function usageOf(promptTokens: number, completionTokens: number): Usage {
  return { promptTokens, cachedTokens: 0, completionTokens, source: "backend" };
}

export function settlementOf(parts: Partial<Settlement> = {}): Settlement {
  const usage = usageOf(40, 60);
  return {
    outcome: "served",
    usage,
    amount: 1_000,
    backend: undefined,
    status: 200,
    attempts: 1,
    firstByteMs: 5,
    durationMs: 10,
    atMs: START_MS,
    ...parts,
  };
}
