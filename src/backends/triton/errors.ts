/** What an error of Triton means. Its status hardly says: a model's first failure is always a 400, and a bad value may be a 500. */
import { Fault, type FaultName } from "../../faults.ts";
import { type Names, publicRefusal } from "../../openai/refusal.ts";
import type { Failure } from "../../ports.ts";

interface Judgement {
  readonly fault: FaultName;
  readonly elsewhere: boolean;
  readonly sick: boolean;
}

const TOO_LONG: Judgement = { fault: "context_length_exceeded", elsewhere: false, sick: false };
const REFUSED: Judgement = { fault: "engine_refused", elsewhere: false, sick: false };
const ABSENT: Judgement = { fault: "engine_failed", elsewhere: true, sick: false };
const FULL: Judgement = { fault: "engine_overloaded", elsewhere: true, sick: false };
/** Perhaps the request, perhaps the model: another engine may tell, and one caller's word makes none sick. */
const DOUBTED: Judgement = { fault: "engine_failed", elsewhere: true, sick: false };
const BROKEN: Judgement = { fault: "engine_failed", elsewhere: true, sick: true };

/** First match stands. Lower case. */
const MESSAGES: readonly (readonly [part: string, judgement: Judgement])[] = [
  ["request for unknown model", ABSENT],
  ["has no available versions", ABSENT],
  ["exceeds maximum queue size", FULL],
  ["request timeout expired", FULL],
  ["maximum context length", TOO_LONG],
  ["maximum model length", TOO_LONG],
  ["maximum input length", TOO_LONG],
  ["longer than the maximum", TOO_LONG],
  // vLLM's sampling parameters judge themselves in these words.
  ["must be in [", REFUSED],
  ["must be in (", REFUSED],
  ["must be non-negative", REFUSED],
  ["must be at least", REFUSED],
  ["must be greater than", REFUSED],
  ["must be less than", REFUSED],
  ["cannot contain an empty string", REFUSED],
];

/** Statuses that Triton does mean. */
const STATUSES: ReadonlyMap<number, Judgement> = new Map([
  [401, ABSENT],
  [403, ABSENT],
  [404, ABSENT],
  [429, FULL],
  [503, FULL],
]);

/** What the server, an ensemble and the vLLM backend put before every complaint. */
const PREFIX = /^(\[request id: [^\]]*\] )?(in ensemble '[^']*', )?(\[request id: [^\]]*\] )?(Error generating stream: )?/;

/**
 * The failure behind an error text of the engine. A caller reads the text only where the request is to blame, made fit by the same
 * rules as every engine's; the log gets the status alone, since the text may hold file paths, tracebacks and parts of the prompt.
 */
export function judge(status: number, message: string, names: Names): Failure {
  const lower = message.toLowerCase();
  const judgement = MESSAGES.find(([part]) => lower.includes(part))?.[1] ?? STATUSES.get(status) ?? unlisted(status);
  return { fault: faultOf(judgement, status, { message, names }), elsewhere: judgement.elsewhere, sick: judgement.sick };
}

function unlisted(status: number): Judgement {
  return status >= 400 && status < 500 ? DOUBTED : BROKEN;
}

function faultOf(judgement: Judgement, status: number, { message, names }: { message: string; names: Names }): Fault {
  if (judgement === REFUSED || judgement === TOO_LONG) {
    const refusal = publicRefusal({ message: message.replace(PREFIX, ""), param: undefined, code: undefined }, names);
    if (refusal.fault === judgement.fault) return refusal;
  }
  return new Fault(judgement.fault, { detail: `triton error, status ${String(status)}` });
}

/** The answer itself is not what was agreed. */
export function broken(detail: string): Failure {
  return { fault: new Fault("engine_failed", { detail: `triton: ${detail}` }), elsewhere: true, sick: true };
}
