/** What each caller wants, sends and does: most are honest and patient, some are neither. */
import type { Capability } from "../../src/domain/fleet.ts";
import type { Chance } from "./chance.ts";
import type { PlainEstate, PlainKey } from "./plain-estate.ts";
import { headerText, type PlainHeader, RUNGS } from "./plain-law.ts";

/** What the gateway must say whatever else happens; undefined: that depends. */
export type Mistake = { readonly name: string; readonly statuses: readonly number[] } | undefined;

export interface Plan {
  readonly index: number;
  readonly atMs: number;
  readonly key: PlainKey;
  readonly capability: Capability;
  readonly path: string;
  readonly host: string;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly body: Buffer;
  readonly bodyMs: number;
  readonly alias: string;
  readonly stream: boolean;
  /** Of all choices; undefined: not said. */
  readonly tokensAsked: number | undefined;
  readonly choices: number;
  readonly mistake: Mistake;
  readonly header: PlainHeader | undefined;
  readonly idempotencyKey: string | undefined;
  /** In the prompt, and in no other request's. */
  readonly marker: string;
  /** Milliseconds after which the caller leaves; undefined: it stays. */
  readonly leavesAfterMs: number | undefined;
  /** Leaves behind so many writes. */
  readonly leavesAfterWrites: number | undefined;
  readonly reader: { readonly slowShare: number; readonly drainMs: number; readonly stuck: boolean };
}

const PATHS: Readonly<Record<Capability, string>> = {
  chat: "/v1/chat/completions",
  completions: "/v1/completions",
  embeddings: "/v1/embeddings",
  tokenize: "/v1/tokenize",
  rerank: "/v1/rerank",
};

export function planCaller(
  index: number,
  atMs: number,
  { estate, chance, before }: { estate: PlainEstate; chance: Chance; before: readonly Plan[] },
): Plan {
  const twin = chance.hits(0.06) ? before.findLast(({ idempotencyKey }) => idempotencyKey !== undefined) : undefined;
  if (twin !== undefined) return { ...twin, index, atMs, ...patience(chance) };
  const key = chance.pick(estate.keys);
  const capability = chance.weighted({ chat: 12, completions: 4, embeddings: 2, tokenize: 1 });
  const model = capability === "embeddings" ? "vectors" : chance.pick(["large", "large", "small"]);
  const ask = askOf(`${key.msp}/${model}`, { index, capability, chance });
  const honest: Plan = {
    index,
    atMs,
    key,
    capability,
    path: PATHS[capability],
    host: `${key.msp}.test`,
    bodyMs: chance.pick([0, 0, 0, 0, 3, 400, 400, 6_000]),
    mistake: undefined,
    ...ask,
    ...headersOf(key, index, chance),
    ...patience(chance),
  };
  return chance.hits(0.1) ? mistaken(honest, chance) : honest;
}

function askOf(
  alias: string,
  { index, capability, chance }: { index: number; capability: Capability; chance: Chance },
): Pick<Plan, "alias" | "stream" | "tokensAsked" | "choices" | "marker" | "body"> {
  const marker = `marker-${index}-`;
  const prompt = marker + "word ".repeat(chance.between(0, 30));
  const generates = capability === "chat" || capability === "completions";
  const stream = generates && chance.hits(0.7);
  const each = generates && chance.hits(0.7) ? chance.between(1, 40) : undefined;
  const choices = generates && chance.hits(0.1) ? 2 : 1;
  const members: [string, unknown][] = [["model", alias]];
  if (capability === "chat") members.push(["messages", [{ role: "user", content: prompt }]]);
  else members.push([capability === "embeddings" ? "input" : "prompt", prompt]);
  if (stream || chance.hits(0.1)) members.push(["stream", stream]);
  if (stream && chance.hits(0.5)) members.push(["stream_options", { include_usage: chance.hits(0.8) }]);
  if (each !== undefined) members.push([capability === "chat" && chance.hits(0.5) ? "max_completion_tokens" : "max_tokens", each]);
  if (choices > 1) members.push(["n", choices]);
  const shuffled = members.map((member) => ({ member, at: chance.unit() })).sort((a, b) => a.at - b.at);
  const body = Buffer.from(JSON.stringify(Object.fromEntries(shuffled.map(({ member }) => member)), null, chance.pick([0, 1])));
  return { alias, stream, tokensAsked: each === undefined ? undefined : each * choices, choices, marker, body };
}

function headersOf(key: PlainKey, index: number, chance: Chance): Pick<Plan, "headers" | "header" | "idempotencyKey"> {
  const headers: Record<string, readonly string[]> = { "content-type": ["application/json"] };
  if (chance.hits(0.8)) headers["authorization"] = [`Bearer ${key.secret}`];
  else headers["x-api-key"] = [key.secret];
  const header = chance.hits(0.15) ? headerOf(chance) : undefined;
  if (header !== undefined) headers["sovereignty-require"] = [headerText(header)];
  const idempotencyKey = chance.hits(0.12) ? `idem-${key.tenant}-${index}` : undefined;
  if (idempotencyKey !== undefined) headers["idempotency-key"] = [idempotencyKey];
  return { headers, header, idempotencyKey };
}

function headerOf(chance: Chance): PlainHeader {
  const country = chance.hits(0.6) ? { country: chance.pick([["DE"], ["DE", "FR"], ["DE", "FR", "CH", "US"]]) } : {};
  const evidence = chance.hits(0.4) ? { evidence: chance.pick(RUNGS.evidence) } : {};
  const raised = chance.hits(0.4) ? { class: chance.pick(RUNGS.class) } : {};
  const header = { ...country, ...evidence, ...raised };
  return Object.keys(header).length === 0 ? { country: ["DE"] } : header;
}

function patience(chance: Chance): Pick<Plan, "leavesAfterMs" | "leavesAfterWrites" | "reader"> {
  const kind = chance.weighted({ stays: 14, early: 1, waiting: 2, long: 1, mid: 3 });
  const after = {
    stays: undefined,
    mid: undefined,
    early: chance.between(0, 2),
    waiting: chance.between(3, 600),
    long: chance.between(1_000, 140_000),
  }[kind];
  const slow = chance.hits(0.15);
  return {
    leavesAfterMs: after,
    leavesAfterWrites: kind === "mid" ? chance.between(1, 6) : undefined,
    reader: { slowShare: slow ? 0.6 : 0, drainMs: chance.between(1, 2_000), stuck: slow && chance.hits(0.05) },
  };
}

const MISTAKES: Readonly<Record<string, { readonly statuses: readonly number[]; readonly spoil: (plan: Plan) => Partial<Plan> }>> = {
  "wrong key": { statuses: [401], spoil: withHeaders({ authorization: ["Bearer sk-nobody"], "x-api-key": [] }) },
  "no key": { statuses: [401], spoil: withHeaders({ authorization: [], "x-api-key": [] }) },
  "two keys": { statuses: [400], spoil: withHeaders({ authorization: ["Bearer sk-one"], "x-api-key": ["sk-two"] }) },
  "another host": { statuses: [401], spoil: ({ host }) => ({ host: host === "north.test" ? "south.test" : "north.test" }) },
  "unknown host": { statuses: [421], spoil: () => ({ host: "nobody.test" }) },
  "no JSON": { statuses: [400], spoil: ({ body }) => ({ body: body.subarray(0, body.length - 2) }) },
  "no UTF-8": {
    statuses: [400],
    spoil: ({ body }) => ({ body: Buffer.concat([body.subarray(0, 20), Buffer.from([0xff]), body.subarray(20)]) }),
  },
  "no model": { statuses: [404], spoil: ({ body, alias }) => ({ body: Buffer.from(body.toString().replace(alias, "north/none")) }) },
  "wrong type": {
    statuses: [400],
    spoil: ({ body }) => ({ body: Buffer.from(body.toString().replace("{", '{"user":7,"temperature":"hot",')) }),
  },
  "bad header": { statuses: [400], spoil: withHeaders({ "sovereignty-require": ["country=(ATLANTIS)"] }) },
  gzip: { statuses: [415], spoil: withHeaders({ "content-encoding": ["gzip"] }) },
  text: { statuses: [415], spoil: withHeaders({ "content-type": ["text/plain"] }) },
};

function withHeaders(more: Readonly<Record<string, readonly string[]>>): (plan: Plan) => Partial<Plan> {
  return ({ headers }) => ({ headers: { ...headers, ...more } });
}

function mistaken(plan: Plan, chance: Chance): Plan {
  const name = chance.pick(Object.keys(MISTAKES));
  const kind = MISTAKES[name];
  if (kind === undefined || (plan.capability === "tokenize" && name === "wrong type")) return plan;
  return { ...plan, ...kind.spoil(plan), header: undefined, idempotencyKey: undefined, mistake: { name, statuses: kind.statuses } };
}
