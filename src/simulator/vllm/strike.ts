/** The faults that hit a request before any token: statuses, foreign pages, silence. */
import type { Exchange } from "../loopback-server.ts";
import type { Knobs } from "../faults.ts";
import { proxyPage } from "../proxy-page.ts";
import type { Vllm } from "./options.ts";
import { BROKEN, BUSY, errorBody, STOPPING, UNAUTHORIZED } from "./refusal.ts";
import { sendJson, sendText, streamHead } from "./replies.ts";

const STATUS_BODIES = {
  401: UNAUTHORIZED,
  429: errorBody(429, "Too Many Requests", { message: "Too many requests. Please try again later." }),
  500: BROKEN,
  503: BUSY,
} as const;

/** Turns the knobs that concern the whole answer. @returns true when the request has been dealt with */
export function strike(vllm: Vllm, exchange: Exchange, knobs: Knobs): boolean {
  const { answer } = exchange;
  if (knobs.neverAnswer === true) return true;
  answer.apply(knobs);
  if (knobs.stallFirstByteMs !== undefined) answer.hold(knobs.stallFirstByteMs);
  if (knobs.resetAfterTokens === 0) answer.reset();
  else if (knobs.html !== undefined) sendText(vllm, exchange, { status: knobs.html, type: "text/html", text: proxyPage(knobs.html) });
  else if (knobs.draining === true) sendJson(vllm, exchange, { status: 500, value: STOPPING });
  else if (knobs.status !== undefined) refuse(vllm, exchange, { status: knobs.status, retryAfterS: knobs.retryAfterS });
  else if (knobs.endlessLine === true) streamHead(vllm, exchange);
  else return false;
  return true;
}

interface Refused {
  readonly status: keyof typeof STATUS_BODIES;
  readonly retryAfterS: number | undefined;
}

function refuse(vllm: Vllm, exchange: Exchange, { status, retryAfterS }: Refused): void {
  const more = retryAfterS === undefined ? [] : ["retry-after", String(retryAfterS)];
  sendText(vllm, exchange, { status, type: "application/json", text: JSON.stringify(STATUS_BODIES[status]), more });
}
