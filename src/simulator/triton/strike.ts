/** The faults that hit a generate request before any token, in Triton's form. */
import type { Answer } from "../answer.ts";
import type { Knobs } from "../faults.ts";
import { proxyPage } from "../proxy-page.ts";
import { generateHead, type Outlet, send, sendError, TritonError } from "./replies.ts";

const MESSAGES = {
  401: "Unauthorized",
  429: "Too Many Requests",
  500: "in ensemble, internal error",
  503: "[request id: <id_unknown>] Exceeds maximum queue size",
} as const;

/** Turns the knobs that concern the whole answer. @returns true when the request has been dealt with */
export function strike(answer: Outlet & Pick<Answer, "apply" | "hold" | "reset">, knobs: Knobs): boolean {
  if (knobs.neverAnswer === true) return true;
  answer.apply(knobs);
  if (knobs.stallFirstByteMs !== undefined) answer.hold(knobs.stallFirstByteMs);
  // On its way down Triton takes connections and resets them.
  if (knobs.resetAfterTokens === 0 || knobs.draining === true) answer.reset();
  else if (knobs.html !== undefined) send(answer, { status: knobs.html, type: "text/html", text: proxyPage(knobs.html) });
  else if (knobs.status !== undefined) sendError(answer, new TritonError(knobs.status, MESSAGES[knobs.status]), retry(knobs));
  else if (knobs.endlessLine === true) answer.head(200, generateHead(true));
  else return false;
  return true;
}

function retry({ retryAfterS }: Knobs): readonly string[] {
  return retryAfterS === undefined ? [] : ["Retry-After", String(retryAfterS)];
}
