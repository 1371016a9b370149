/** Collects an answer that is none (an error status, or a 200 that is no stream or no JSON) and says what it means. */
import { BOUNDS } from "../bounds.ts";
import type { Failure } from "../ports.ts";
import { classifyError, retryAfterMs } from "./engine-errors.ts";
import { readError } from "./engine-message.ts";
import type { Names } from "./refusal.ts";

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export class ErrorAnswer {
  readonly #status: number;
  readonly #waitMs: number | undefined;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(status: number, headers: Headers) {
    this.#status = status;
    this.#waitMs = retryAfterMs(headers);
  }

  /** False: it is as large as an error may be, and is judged by its status alone. */
  add(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes > BOUNDS.replyErrorBytesMax) {
      this.#chunks.length = 0;
      return false;
    }
    this.#chunks.push(chunk);
    return true;
  }

  judge(names: Names): Failure {
    const body = Buffer.concat(this.#chunks);
    const failed = this.#status >= 400;
    return classifyError({ status: failed ? this.#status : (readError(body).code ?? 500), body, retryAfterMs: this.#waitMs }, names);
  }
}

/** Whether the body is packed although nobody asked for it: bytes that no caller was promised. */
export function isPacked(headers: Headers): boolean {
  const coding = headers["content-encoding"];
  return coding !== undefined && coding !== "" && coding !== "identity";
}

/** The first value of the content-type header in lower case; "" when there is none. */
export function contentType(headers: Headers): string {
  const value = headers["content-type"];
  return (typeof value === "string" ? value : (value?.[0] ?? "")).toLowerCase();
}
