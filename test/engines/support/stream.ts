/** A stream that runs while something happens: read as it comes, left when the test says so. */
import type { Lane } from "./lane.ts";
import { KEYS } from "./estate.ts";

export class Streaming {
  readonly status: number;
  readonly request: string;
  readonly #leave: AbortController;
  #text = "";
  #endedAtMs: number | undefined;
  #cut = false;

  private constructor(response: Response, leave: AbortController) {
    this.status = response.status;
    this.request = response.headers.get("x-request-id") ?? "";
    this.#leave = leave;
    void this.#read(response);
  }

  /** Resolves with the head of the answer. @param leave what ends it from our side */
  static async open(lane: Lane, body: object, leave = new AbortController()): Promise<Streaming> {
    const response = await fetch(`${lane.url}/v1/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${KEYS.main}`, "content-type": "application/json" },
      body: JSON.stringify({ stream: true, ...body }),
      signal: leave.signal,
    });
    return new Streaming(response, leave);
  }

  async #read({ body }: Response): Promise<void> {
    try {
      const decoder = new TextDecoder();
      for await (const chunk of body ?? []) this.#text += decoder.decode(chunk, { stream: true });
    } catch {
      this.#cut = true;
    }
    this.#endedAtMs = performance.now();
  }

  leave(): void {
    this.#leave.abort();
  }

  get text(): string {
    return this.#text;
  }

  /** Frames with something in them so far. */
  get frames(): number {
    return this.#text.split("\n\n").filter((frame) => frame.includes('"content":"') || frame.includes('"text":"')).length;
  }

  /** By performance.now(); undefined: it still runs. */
  get endedAtMs(): number | undefined {
    return this.#endedAtMs;
  }

  /** Its connection broke. */
  get cut(): boolean {
    return this.#cut;
  }

  /** It ended as one that succeeded. */
  get done(): boolean {
    return this.#text.endsWith("data: [DONE]\n\n");
  }

  /** The error that stands in its last frame. */
  get error(): unknown {
    const last = this.#text.split("\n\n").findLast((frame) => frame.startsWith("data: {"));
    return last === undefined ? undefined : JSON.parse(last.slice("data: ".length)).error;
  }
}
