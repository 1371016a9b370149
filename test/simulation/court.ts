/** Sees everything that crosses the gateway's borders while it happens: each sending before the law, each caller's answer, each bill. */
import type { Settlement } from "../../src/ports.ts";
import type { Agenda } from "./agenda.ts";
import type { Books } from "./books.ts";
import type { Breaches } from "./breaches.ts";
import type { Caller } from "./caller.ts";
import type { Sent } from "./network.ts";
import type { PlainEstate } from "./plain-estate.ts";
import { forbids, forbidsCell, type PlainCase } from "./plain-law.ts";
import type { Plan } from "./plan.ts";
import { type Case, fingerprint, judgeBill, judgeCaller } from "./verdict.ts";

const ATTEMPTS_MAX = 3;
const RUN_OUT_MS = 5_000;

export interface CourtParts {
  readonly agenda: Agenda;
  readonly books: Books;
  readonly breaches: Breaches;
  /** The newest configuration, in its own words. */
  readonly plain: () => PlainEstate;
  readonly note: (kind: string, line: string) => void;
  /** Whether an engine still works for a request. */
  readonly works: (request: string) => boolean;
}

export class Court {
  readonly #parts: CourtParts;
  readonly #cases = new Map<string, Case>();
  /** Callers that still wait. */
  readonly open = new Set<Case>();
  /** Answers of engines that made no mistake. */
  readonly #served: { readonly known: Case; readonly atMs: number }[] = [];
  /** Idempotency keys that a request of this process has been charged under. */
  #charged = new Map<string, string>();

  constructor(parts: CourtParts) {
    this.#parts = parts;
  }

  /** A request comes in: what it costs, and may bring at most, is fixed by the configuration of this instant. */
  admit(request: string, caller: Caller, draining: boolean): void {
    const { plan } = caller;
    const { msps, models } = this.#parts.plain();
    const alias = msps.find(({ id }) => id === plan.key.msp)?.aliases[plan.alias];
    const model = models.find(({ id }) => id === alias?.model);
    const generates = plan.capability === "chat" || plan.capability === "completions";
    const each = generates ? Math.min(model?.completionTokensMax ?? Infinity, model?.contextTokensMax ?? 0) : 0;
    const price = alias?.price ?? { input: 0, cached: 0, output: 0 };
    const known: Case = { request, caller, price, tokensMax: plan.choices * each, sends: [], settlement: undefined, draining };
    this.#cases.set(request, known);
    this.open.add(known);
  }

  /** A new process has forgotten what ran under which idempotency key. */
  restart(): void {
    this.#charged = new Map();
  }

  /** The gateway begins to read a body: the cell itself must be permitted by then. */
  read(plan: Plan): void {
    const why = forbidsCell(this.#caseOf(plan));
    if (why !== undefined) this.#parts.breaches.report("law", `the body of caller ${plan.index} is read: ${why}`);
  }

  sent(sent: Sent): void {
    const { asked, backend, cleared } = sent;
    const { breaches, books, note } = this.#parts;
    note("sends", `send ${asked.request} ${backend.id} ${sent.truth.fault}`);
    const known = this.#cases.get(asked.request);
    if (known === undefined) return breaches.report("clearance", `something without a request went to ${backend.id}`);
    const { caller, sends } = known;
    const { plan } = caller;
    const must = (holds: boolean, what: string): void =>
      breaches.must(holds, "clearance", () => `caller ${plan.index} to ${backend.id}: ${what}`);
    must(cleared === asked.request, "the clearance is another request's");
    must(books.hasHold(asked.request), "sent before its hold was durable");
    must(!caller.started, "sent again behind the first byte");
    // Only where an old connection was lost may the same place be asked again.
    const spent = sends.filter((before) => before.backend.id === backend.id && before.truth.fault !== "resetBefore");
    must(spent.length === 0, "tried twice");
    must(sends.length < ATTEMPTS_MAX, "too many attempts");
    must(!known.draining, "taken by a process that was shutting down");
    must(asked.text.includes(plan.marker), "not its own prompt");
    const why = this.#unlawful(plan, sent);
    if (why !== undefined) breaches.report("law", `caller ${plan.index} to ${backend.id}: ${why}`);
    sends.push(sent);
  }

  settled(request: string, settlement: Settlement): void {
    const known = this.#cases.get(request);
    if (known === undefined) return;
    const { breaches, note } = this.#parts;
    known.settlement = settlement;
    judgeBill(known, settlement, breaches);
    note(settlement.outcome, `settle ${request} ${settlement.outcome} ${settlement.amount}`);
    const { idempotencyKey, key, index } = known.caller.plan;
    if (idempotencyKey === undefined || settlement.usage.source === "none") return;
    const before = this.#charged.get(`${key.tenant} ${idempotencyKey}`);
    breaches.must(before === undefined, "billing", () => `caller ${index} pays for ${idempotencyKey} again, after ${String(before)}`);
    this.#charged.set(`${key.tenant} ${idempotencyKey}`, request);
  }

  /** Judges the callers whose part has ended. */
  afterTurn(): void {
    const { breaches, note, works } = this.#parts;
    this.#checkRunOut();
    for (const known of this.open) {
      const { caller, request } = known;
      if (caller.state === "waiting") continue;
      this.open.delete(known);
      const reading = judgeCaller(known, breaches);
      if (caller.state === "ended" && known.sends.at(-1)?.truth.fault === "none")
        this.#served.push({ known, atMs: this.#parts.agenda.nowMs });
      if (caller.state === "left")
        breaches.must(!works(request), "leak", () => `an engine works on for caller ${caller.plan.index}, who has left`);
      const detail =
        reading?.kind === "stream" ? reading.ending : reading?.kind === "error" ? String(reading.code) : (reading?.kind ?? caller.state);
      note(`${caller.state}: ${detail}`, `caller ${caller.plan.index} ${fingerprint(known)}`);
    }
  }

  /** Closes the connections of callers that still wait; says how many those were. */
  cutOff(): number {
    const waiting = [...this.open].filter(({ caller }) => caller.state === "waiting");
    for (const { caller } of waiting) caller.leave();
    return waiting.length;
  }

  /** Behind an answer that is whole nothing keeps an engine's connection busy. */
  #checkRunOut(): void {
    const { agenda, breaches, works } = this.#parts;
    for (let first = this.#served[0]; first !== undefined && agenda.nowMs - first.atMs > RUN_OUT_MS; first = this.#served[0]) {
      const { request, caller } = first.known;
      this.#served.shift();
      breaches.must(!works(request), "leak", () => `an engine works on behind the answer of caller ${caller.plan.index}`);
    }
  }

  close(): void {
    for (const { caller } of this.open) this.#parts.breaches.report("answer", `caller ${caller.plan.index} waits for ever`);
  }

  /** By the newest words, and by what the newest words say of the place. */
  #unlawful(plan: Plan, { asked, backend }: Sent): string | undefined {
    const plain = this.#parts.plain();
    const place = plain.backends.find(({ id }) => id === backend.id);
    if (place === undefined || place.baseUrl !== backend.baseUrl) return "no such place any more";
    const model = plain.msps.find(({ id }) => id === plan.key.msp)?.aliases[plan.alias]?.model ?? "";
    if (place.models[model] !== asked.servedName) return `it does not serve ${plan.alias} as ${asked.servedName}`;
    return forbids(this.#caseOf(plan), place);
  }

  #caseOf(plan: Plan): PlainCase {
    const { tenant, msp, project, id } = plan.key;
    const { documents, self, tenants } = this.#parts.plain();
    const defaultClass = tenants.find((each) => each.id === tenant)?.defaultClass ?? "";
    return { documents, ids: { msp, tenant, project, key: id }, defaultClass, header: plan.header, self, nowMs: this.#parts.agenda.wallMs };
  }
}
