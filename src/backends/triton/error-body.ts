/** Gathers an answer that is not what was asked for: whatever its status and its type say, it is an error. */
import { BOUNDS } from "../../bounds.ts";
import type { Names } from "../../openai/refusal.ts";
import type { Failure } from "../../ports.ts";
import { broken, judge } from "./errors.ts";
import { readFrame } from "./frame.ts";

const OK = 200;

export class ErrorBody {
  readonly #status: number;
  readonly #chunks: Buffer[] = [];
  #bytes = 0;

  constructor(status: number) {
    this.#status = status;
  }

  /** False: longer than any error is. What came is forgotten, and judged by its status alone. */
  add(chunk: Buffer): boolean {
    this.#bytes += chunk.length;
    if (this.#bytes <= BOUNDS.replyErrorBytesMax) {
      this.#chunks.push(chunk);
      return true;
    }
    this.#chunks.length = 0;
    return false;
  }

  judge(names: Names): Failure {
    const error = readFrame(Buffer.concat(this.#chunks).toString("utf8"))?.error;
    if (error === undefined && this.#status === OK) return broken("not the kind of answer that was asked for");
    return judge(this.#status, error ?? "", names);
  }
}
