/** Judges what a caller got against what the engine said and what the caller is owed. */
import { hash } from "node:crypto";
import type { Settlement } from "../../src/ports.ts";
import type { Breaches } from "./breaches.ts";
import type { Caller } from "./caller.ts";
import type { Sent } from "./network.ts";
import { type PlainPrice, SECRET } from "./plain-estate.ts";
import { headerOf, read, type Reading } from "./reading.ts";

/** All that is known of one request. */
export interface Case {
  readonly request: string;
  readonly caller: Caller;
  /** Pinned when the request came in. */
  readonly price: PlainPrice;
  /** Tokens that the model can make at most, of all choices. */
  readonly tokensMax: number;
  readonly sends: Sent[];
  settlement: Settlement | undefined;
  /** The process was shutting down. */
  draining: boolean;
}

/** What counts as the same answer, for the trace. */
export function fingerprint({ caller }: Case): string {
  return `${caller.state} ${caller.status} ${hash("sha1", caller.bytes)}`;
}

export function judgeCaller(known: Case, breaches: Breaches): Reading | undefined {
  const { caller, request } = known;
  const { plan, state } = caller;
  const name = `caller ${plan.index} (${request})`;
  if (caller.misuse !== undefined) breaches.report("answer", `${name}: ${caller.misuse}`);
  const seen = `${caller.headers.join("\n")}\n${caller.bytes.toString("utf8")}`;
  const at = seen.toLowerCase().indexOf(SECRET);
  if (at >= 0) breaches.report("secrecy", `${name} read: …${seen.slice(Math.max(0, at - 80), at + 60)}…`);
  if (state === "aborted") breaches.report("answer", `${name} was cut off`);
  if (state !== "ended") {
    if (caller.status === 200 && plan.stream) judgePrefix(known, read(received(caller)), breaches);
    return undefined;
  }
  const reading = read(received(caller));
  if (reading.kind === "malformed") breaches.report("answer", `${name}, status ${caller.status}: ${reading.why}`);
  if (headerOf(caller.headers, "x-request-id") !== request) breaches.report("answer", `${name} has another request id`);
  if (caller.status === 500) breaches.report("internal", `${name} got 500`);
  judgeMistake(known, breaches);
  if (caller.status === 200) judgeServed(known, reading, breaches);
  else judgeUnserved(known, breaches);
  return reading;
}

function received({ status, headers, bytes }: Caller): { status: number; headers: readonly string[]; bytes: Buffer } {
  return { status, headers, bytes };
}

function judgeMistake({ caller, sends, draining }: Case, breaches: Breaches): void {
  const { mistake, index } = caller.plan;
  if (mistake === undefined) return;
  const statuses = draining ? [...mistake.statuses, 503] : mistake.statuses;
  // A key that a reload revoked, or a cell that may not handle this caller any more, is told so before its mistake is read.
  breaches.must(
    [...statuses, 401, 403].includes(caller.status),
    "answer",
    () => `caller ${index} with ${mistake.name} got ${caller.status}`,
  );
  breaches.must(sends.length === 0, "clearance", () => `caller ${index} with ${mistake.name} was sent on`);
}

function judgeUnserved({ caller, settlement }: Case, breaches: Breaches): void {
  const { index } = caller.plan;
  const free = settlement === undefined || (settlement.amount === 0 && settlement.usage.source === "none");
  breaches.must(free, "billing", () => `caller ${index} got ${caller.status} and pays ${JSON.stringify(settlement?.usage)}`);
  const counted = settlement === undefined || settlement.status === caller.status;
  breaches.must(counted, "answer", () => `caller ${index} got ${caller.status}, the ledger says ${String(settlement?.status)}`);
}

function judgeServed(known: Case, reading: Reading, breaches: Breaches): void {
  const { caller, sends, settlement } = known;
  const { plan } = caller;
  const name = `caller ${plan.index}`;
  const truth = sends.at(-1)?.truth;
  if (truth === undefined || settlement === undefined) return breaches.report("answer", `${name} got 200 from nobody`);
  breaches.must(
    (reading.kind === "stream") === plan.stream,
    "answer",
    () => `${name} asked ${plan.stream ? "for" : "for no"} stream and got ${reading.kind}`,
  );
  if (reading.kind === "stream") {
    breaches.must(reading.ending !== "open", "answer", () => `${name}: a stream without [DONE] or error (${truth.fault})`);
    breaches.must(
      [...reading.models].every((model) => model === plan.alias),
      "content",
      () => `${name} reads the models ${[...reading.models].join()}`,
    );
    breaches.must(
      [...reading.ids].every((id) => id.endsWith(known.request)),
      "content",
      () => `${name} reads the ids ${[...reading.ids].join()}`,
    );
    if (!plan.body.includes('"include_usage"'))
      breaches.must(reading.usageFrames + reading.emptyFrames === 0, "content", () => `${name} got usage that it did not ask for`);
    breaches.must(
      reading.ending === "done" || truth.fault !== "none" || plan.reader.stuck,
      "answer",
      () => `${name} got an error from an engine that made none`,
    );
    if (reading.ending === "error") return judgePrefix(known, reading, breaches);
  }
  if (reading.kind === "whole") {
    if (plan.capability !== "tokenize")
      breaches.must(
        reading.model === plan.alias && reading.id.endsWith(known.request),
        "content",
        () => `${name} reads ${reading.model} ${reading.id}`,
      );
    const data = plan.capability === "tokenize" ? reading.body["tokens"] : embeddingIn(reading.body["data"]);
    breaches.must(truth.data === undefined || JSON.stringify(data) === truth.data, "content", () => `${name} got ${JSON.stringify(data)}`);
  }
  const texts = reading.kind === "stream" || reading.kind === "whole" ? reading.texts : [];
  breaches.must(settlement.outcome === "served", "billing", () => `${name} was served, the ledger says ${settlement.outcome}`);
  breaches.must(
    JSON.stringify(texts) === JSON.stringify(truth.texts),
    "content",
    () => `${name} (${truth.fault}) got ${JSON.stringify(texts)}, said was ${JSON.stringify(truth.texts)}`,
  );
  const { promptTokens, cachedTokens, completionTokens } = settlement.usage;
  const { billed } = truth;
  const same =
    billed === undefined ||
    (billed.promptTokens === promptTokens && billed.cachedTokens === cachedTokens && billed.completionTokens === completionTokens);
  breaches.must(same, "billing", () => `${name} is billed ${JSON.stringify(settlement.usage)}, the engine said ${JSON.stringify(billed)}`);
}

function embeddingIn(data: unknown): unknown {
  const first: unknown = Array.isArray(data) ? data[0] : undefined;
  return typeof first === "object" && first !== null && "embedding" in first ? first.embedding : undefined;
}

/** What was cut off is the beginning of what the engine said. */
function judgePrefix({ caller, sends }: Case, reading: Reading, breaches: Breaches): void {
  if (reading.kind !== "stream") return;
  const truth = sends.at(-1)?.truth;
  reading.texts.forEach((text, index) => {
    const whole = truth?.texts[index] ?? "";
    breaches.must(
      whole.startsWith(text),
      "content",
      () => `caller ${caller.plan.index} got ${JSON.stringify(text)} of ${JSON.stringify(whole)}`,
    );
  });
}

/** At the settlement: what is billed is bounded by what was asked, and priced to the micro-unit. */
export function judgeBill({ caller, price, tokensMax }: Case, { usage, amount }: Settlement, breaches: Breaches): void {
  const { plan } = caller;
  const most = plan.tokensAsked ?? tokensMax;
  const { promptTokens, cachedTokens, completionTokens } = usage;
  breaches.must(
    completionTokens <= most,
    "billing",
    () => `caller ${plan.index} pays ${completionTokens} completion tokens of at most ${most}`,
  );
  breaches.must(cachedTokens <= promptTokens, "billing", () => `caller ${plan.index} pays more cached tokens than prompt tokens`);
  const micros =
    BigInt(promptTokens - cachedTokens) * BigInt(price.input) +
    BigInt(cachedTokens) * BigInt(price.cached) +
    BigInt(completionTokens) * BigInt(price.output);
  const [whole, rest] = [micros / 1_000_000n, micros % 1_000_000n];
  const up = rest > 500_000n || (rest === 500_000n && whole % 2n === 1n);
  breaches.must(
    BigInt(amount) === (up ? whole + 1n : whole),
    "billing",
    () => `caller ${plan.index} pays ${amount} for ${JSON.stringify(usage)} at ${JSON.stringify(price)}`,
  );
}
