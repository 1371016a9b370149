/** What admission costs of a request's processor time: open and settle on all four levels, without the journal's own cost. */
import { keyId, modelId, mspId, projectId, requestId, tenantId } from "../../src/domain/ids.ts";
import type { Limits, Principal } from "../../src/domain/tenancy.ts";
import { LocalGate } from "../../src/gate/local.ts";
import type { Claim, Clock, Journal, Settlement } from "../../src/ports.ts";

const ROUNDS = 15;
const REQUESTS = 20_000;
/** Requests that a turn of the event loop admits together. */
const PER_TURN = 32;

const written = Promise.resolve();
const journal: Journal = { append: () => undefined, durable: () => written };
const clock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: () => () => undefined,
  every: () => () => undefined,
  turn: (then) => queueMicrotask(then),
};

const BROAD: Limits = { requestsPerMinute: 1e9, tokensPerMinute: 1e12, concurrency: 1e6, budgetPerMonth: 1e15 };
const NONE: Limits = { requestsPerMinute: undefined, tokensPerMinute: undefined, concurrency: undefined, budgetPerMonth: undefined };
const CLOSED: Limits = { ...BROAD, tokensPerMinute: 1 };

function principalOf(name: string, limits: Limits, keyLimits = limits): Principal {
  const msp = mspId("msp");
  const tenant = tenantId("tenant");
  const project = projectId("project");
  return {
    msp: {
      id: msp,
      hosts: [],
      brand: { name: "", supportUrl: undefined, diagnostics: false },
      aliases: new Map(),
      priceBook: { version: "1", currency: "EUR" },
      limits,
    },
    tenant: { id: tenant, msp, name: "", limits, defaultClass: "" },
    project: { id: project, tenant, name: "", limits },
    key: {
      id: keyId(name),
      project,
      name,
      hash: "",
      hint: "",
      limits: keyLimits,
      expiresAtMs: undefined,
      revokedAtMs: undefined,
      createdAtMs: 0,
      models: undefined,
      cidrs: undefined,
      explain: false,
    },
  };
}

const SETTLEMENT: Settlement = {
  outcome: "served",
  usage: { promptTokens: 40, cachedTokens: 0, completionTokens: 80, source: "backend" },
  amount: 90,
  backend: undefined,
  status: 200,
  attempts: 1,
  firstByteMs: 20,
  durationMs: 100,
  atMs: Date.UTC(2026, 10, 12),
};

let sequence = 0;

function claimsOf(principals: readonly Principal[]): Claim[] {
  return Array.from({ length: REQUESTS }, (_, index) => {
    sequence += 1;
    const principal = principals[index % principals.length];
    if (principal === undefined) throw new Error("a case needs a principal");
    const request = requestId(Buffer.from(sequence.toString(16).padStart(32, "0")).toString("latin1"));
    return { request, principal, model: modelId("m"), alias: "m", capability: "chat", tokens: 200, amount: 100, atMs: SETTLEMENT.atMs };
  });
}

/** Microseconds of processor time per request. */
async function round(gate: LocalGate, claims: readonly Claim[]): Promise<number> {
  const before = process.cpuUsage();
  for (let first = 0; first < claims.length; first += PER_TURN) {
    const turn = claims.slice(first, first + PER_TURN);
    await Promise.all(turn.map((claim) => gate.open(claim)));
    for (const { request } of turn) gate.settle(request, SETTLEMENT);
  }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / claims.length;
}

const many = Array.from({ length: 100_000 }, (_, index) => principalOf(`key-${index}`, BROAD));
const cases: readonly (readonly [string, readonly Principal[]])[] = [
  ["no limits", [principalOf("key", NONE)]],
  ["every limit on every level", [principalOf("key", BROAD)]],
  ["every limit, 100,000 keys", many],
  ["refused by the key", [principalOf("key", BROAD, CLOSED)]],
];

for (const [name, principals] of cases) {
  const gate = new LocalGate(journal, clock, []);
  const samples: number[] = [];
  for (let count = 0; count < ROUNDS; count += 1) samples.push(await round(gate, claimsOf(principals)));
  const sorted = samples.slice(3).sort((one, other) => one - other);
  const [best, median, worst] = [0, Math.floor(sorted.length / 2), sorted.length - 1].map((index) => (sorted[index] ?? 0).toFixed(2));
  process.stdout.write(`${name.padEnd(30)} ${median} µs a request (${best} to ${worst})\n`);
}
