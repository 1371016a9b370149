/** The answers of one generate request: a frame for each token, or all of them in one. */
import type { Tally } from "../generation.ts";
import type { Plan } from "../plan.ts";
import type { GenerateRequest } from "./generate-request.ts";
import type { SimulatedModel } from "./models.ts";
import { generateHead, type Outlet, sendModelError } from "./replies.ts";

export interface ResponsesOptions {
  readonly answer: Outlet;
  readonly request: GenerateRequest;
  readonly model: SimulatedModel;
  /** The route: frames, or one JSON answer. */
  readonly framed: boolean;
  /** One for each sequence. */
  readonly plans: readonly Plan[];
  readonly tally: Tally;
}

/** No answer can have so many; more than a UINT32 holds. */
const ABSURD_TOKENS = 1_000_000_000_000;
const LOGPROB = -0.5;

/** One sequence in one response. */
interface Said {
  readonly text: string;
  readonly tokens: number;
  /** "None" while it goes on, as Python writes it. */
  readonly finish: string;
}

const SILENT: Said = { text: "", tokens: 0, finish: "None" };

export class Responses {
  readonly #options: ResponsesOptions;
  /** What each sequence has said so far. */
  readonly #texts: string[];
  readonly #ended: string[];
  #responses = 0;

  constructor(options: ResponsesOptions) {
    this.#options = options;
    this.#texts = options.plans.map(() => "");
    this.#ended = options.plans.map(() => "None");
  }

  token(part: number, index: number, piece: string): void {
    const { request, plans, framed, model } = this.#options;
    if (!request.stream || !framed) return;
    const plan = plans[part];
    const last = index === (plan?.pieces.length ?? 0) - 1;
    this.#texts[part] = (this.#texts[part] ?? "") + piece;
    if (last) this.#ended[part] = plan?.finish ?? "stop";
    const text = model.accumulates ? (this.#texts[part] ?? "") : piece;
    this.#frame(this.#all(part, { text, tokens: 1, finish: this.#ended[part] ?? "None" }));
    if (last && request.knobs.usage === "duplicate") this.#frame(this.#all(part, { text: "", tokens: 1, finish: plan?.finish ?? "stop" }));
  }

  done(): void {
    const { answer, request, plans, framed } = this.#options;
    if (framed && request.stream) {
      // The empty final response of TensorRT-LLM makes no frame either.
      answer.end();
      return;
    }
    const said = plans.map(({ pieces, finish }) => ({
      text: `${request.excludeInput ? "" : request.prompt}${pieces.join("")}`,
      tokens: pieces.length,
      finish,
    }));
    const body = JSON.stringify(this.#value(said));
    // A model that answers several times on a route for one answer: 200 all the same.
    const several = !framed && request.stream && (plans[0]?.pieces.length ?? 0) > 1;
    answer.head(200, generateHead(framed));
    answer.end(framed ? `data: ${body}\n\n` : several ? SEVERAL : body);
  }

  broke(): void {
    const { answer, framed, tally, model } = this.#options;
    const message = `the engine failed after ${tally.tokens} tokens`;
    sendModelError(answer, { status: this.#responses === 0 ? 400 : 200, message, framed, kind: model.kind });
  }

  /** Every response holds every sequence; those that have nothing new say so. */
  #all(part: number, said: Said): readonly Said[] {
    return this.#options.plans.map((_, index) => (index === part ? said : { ...SILENT, finish: this.#ended[index] ?? "None" }));
  }

  #frame(said: readonly Said[]): void {
    const { answer } = this.#options;
    if (this.#responses === 0) answer.head(200, generateHead(true));
    this.#responses += 1;
    answer.write(`data: ${JSON.stringify(this.#value(said))}\n\n`);
  }

  /** Members in the order of their names, as Triton prints them. */
  #value(said: readonly Said[]): unknown {
    const { request, model } = this.#options;
    const { id, knobs } = request;
    const members = {
      ...(id === undefined ? {} : { id }),
      model_name: knobs.modelName ?? model.name,
      model_version: "1",
      ...this.#counts(said),
      text_output: scalar(said.map(({ text }) => text)),
      ...(model.kind === "vllm" || model.kind === "llmapi" ? this.#reasons(said) : NUMBERS),
      ...(model.kind === "ensemble" ? SEQUENCE : {}),
    };
    return Object.fromEntries(Object.entries(members).sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  #reasons(said: readonly Said[]): object {
    const { wants } = this.#options.request;
    return {
      ...(wants.has("return_cumulative_logprob") ? { cumulative_logprob: scalar(said.map(({ tokens }) => LOGPROB * tokens)) } : {}),
      ...(wants.has("return_finish_reason") ? { finish_reason: scalar(said.map(({ finish }) => finish)) } : {}),
      ...(wants.has("return_logprobs") ? { logprobs: scalar(said.map(({ text }) => logprobs(text))) } : {}),
    };
  }

  #counts(said: readonly Said[]): object {
    const { wants, knobs } = this.#options.request;
    if (knobs.usage === "absent") return {};
    return {
      ...(wants.has("return_num_input_tokens") ? { num_input_tokens: this.#inputTokens() } : {}),
      ...(wants.has("return_num_output_tokens") ? { num_output_tokens: scalar(said.map(({ tokens }) => this.#outputTokens(tokens))) } : {}),
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

const SEVERAL = JSON.stringify({
  error: "generate expects model to produce exactly 1 response, use generate stream for model that generates various number of responses",
});

/** What TensorRT-LLM says beside its text. */
const NUMBERS = { batch_index: 0, cum_log_probs: 0, output_log_probs: 0, sequence_index: 0 } as const;
/** What an ensemble adds. */
const SEQUENCE = { sequence_end: false, sequence_id: 0, sequence_start: false } as const;

/** A tensor of one element is a scalar on the wire. */
function scalar<T>(values: readonly T[]): T | readonly T[] {
  const [first] = values;
  return values.length === 1 && first !== undefined ? first : values;
}

function logprobs(text: string): string {
  return `[{"1": {"logprob": ${LOGPROB}, "rank": 1, "decoded_token": ${JSON.stringify(text)}}}]`;
}
