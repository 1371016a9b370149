/** Headers of a successful answer: one list for every way out, in the form that Node writes fastest. */
import type { RequestId } from "../domain/ids.ts";
import type { HeaderList, Windows } from "../ports.ts";
import { rateLimitHeaders } from "./ratelimit.ts";

export interface Answer {
  readonly request: RequestId;
  readonly stream: boolean;
  readonly processingMs: number;
  readonly windows: Windows | undefined;
}

/** Both spellings of the request id: OpenAI's clients read x-request-id, Anthropic's read request-id. */
export function identityHeaders(request: RequestId): string[] {
  return ["x-request-id", request, "request-id", request];
}

export function answerHeaders({ request, stream, processingMs, windows }: Answer): HeaderList {
  const headers = identityHeaders(request);
  if (stream) headers.push("content-type", "text/event-stream; charset=utf-8", "cache-control", "no-cache", "x-accel-buffering", "no");
  else headers.push("content-type", "application/json");
  headers.push("openai-processing-ms", String(Math.round(processingMs)), "openai-version", "2020-10-01");
  if (windows !== undefined) headers.push(...rateLimitHeaders(windows));
  return headers;
}
