/** The answers of one generate request: a frame for each token, or all of them in one. */
import type { Tally } from "../generation.ts";
import type { Plan } from "../plan.ts";
import type { GenerateRequest } from "./generate-request.ts";
import { generateHead, type Outlet, sendModelError } from "./replies.ts";

export interface ResponsesOptions {
  readonly answer: Outlet;
  readonly request: GenerateRequest;
  readonly model: string;
  /** The route: frames, or one JSON answer. */
  readonly framed: boolean;
  readonly plan: Plan;
  readonly tally: Tally;
}

/** No answer can have so many; more than a UINT32 holds. */
const ABSURD_TOKENS = 1_000_000_000_000;
const LOGPROB = -0.5;

export class Responses {
  readonly #options: ResponsesOptions;
  #responses = 0;

  constructor(options: ResponsesOptions) {
    this.#options = options;
  }

  token(index: number, piece: string): void {
    const { request, plan, framed } = this.#options;
    if (!request.stream || !framed) return;
    const last = index === plan.pieces.length - 1;
    this.#frame({ text: piece, tokens: 1, last });
    if (last && request.knobs.usage === "duplicate") this.#frame({ text: "", tokens: 1, last });
  }

  done(): void {
    const { answer, request, plan, framed } = this.#options;
    if (framed && request.stream) {
      answer.end();
      return;
    }
    const text = `${request.excludeInput ? "" : request.prompt}${plan.pieces.join("")}`;
    const body = JSON.stringify(this.#value({ text, tokens: plan.pieces.length, last: true }));
    // A model that answers several times on a route for one answer: 200 all the same.
    const several = !framed && request.stream && plan.pieces.length > 1;
    answer.head(200, generateHead(framed));
    answer.end(framed ? `data: ${body}\n\n` : several ? SEVERAL : body);
  }

  broke(): void {
    const { answer, framed, tally } = this.#options;
    const message = `the engine failed after ${tally.tokens} tokens`;
    sendModelError(answer, { status: this.#responses === 0 ? 400 : 200, message, framed });
  }

  #frame(response: Response): void {
    const { answer } = this.#options;
    if (this.#responses === 0) answer.head(200, generateHead(true));
    this.#responses += 1;
    answer.write(`data: ${JSON.stringify(this.#value(response))}\n\n`);
  }

  /** Members in the order of their names, as Triton prints them. */
  #value({ text, tokens, last }: Response): unknown {
    const { request, model, plan } = this.#options;
    const { wants, id, knobs } = request;
    const counted = knobs.usage !== "absent";
    return {
      ...(wants.has("return_cumulative_logprob") ? { cumulative_logprob: LOGPROB * tokens } : {}),
      ...(wants.has("return_finish_reason") ? { finish_reason: last ? plan.finish : "None" } : {}),
      ...(id === undefined ? {} : { id }),
      ...(wants.has("return_logprobs") ? { logprobs: logprobs(text) } : {}),
      model_name: knobs.modelName ?? model,
      model_version: "1",
      ...(wants.has("return_num_input_tokens") && counted ? { num_input_tokens: this.#inputTokens() } : {}),
      ...(wants.has("return_num_output_tokens") && counted ? { num_output_tokens: this.#outputTokens(tokens) } : {}),
      text_output: text,
    };
  }

  #inputTokens(): number {
    return this.#options.request.knobs.usage === "zero" ? 0 : this.#options.request.promptIds.length;
  }

  /** Each frame counts its own tokens; the fault is to count all so far. */
  #outputTokens(tokens: number): number {
    const { request, tally } = this.#options;
    const { usage } = request.knobs;
    if (usage === "zero") return 0;
    if (usage === "absurd") return ABSURD_TOKENS;
    if (usage === "negative") return -tokens;
    return usage === "cumulative" ? tally.tokens : tokens;
  }
}

interface Response {
  readonly text: string;
  readonly tokens: number;
  readonly last: boolean;
}

const SEVERAL = JSON.stringify({
  error: "generate expects model to produce exactly 1 response, use generate stream for model that generates various number of responses",
});

function logprobs(text: string): string {
  return `[{"1": {"logprob": ${LOGPROB}, "rank": 1, "decoded_token": ${JSON.stringify(text)}}}]`;
}
