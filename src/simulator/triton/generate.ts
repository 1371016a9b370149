/** POST /v2/models/M/generate and generate_stream, for models of the vLLM backend. */
import { Generation, Tally } from "../generation.ts";
import type { Exchange } from "../loopback-server.ts";
import { type Plan, plan } from "../plan.ts";
import { type GenerateRequest, ModelError, readGenerate } from "./generate-request.ts";
import type { Triton } from "./options.ts";
import { sendModelError, TritonError } from "./replies.ts";
import { Responses } from "./responses.ts";
import { strike } from "./strike.ts";

/** Which of the two routes, and the model in its path. */
export interface Target {
  readonly model: string;
  /** generate_stream: answers in frames. */
  readonly framed: boolean;
}

/** @throws TritonError */
export function serveGenerate(triton: Triton, exchange: Exchange, { model, framed }: Target): void {
  triton.repository.check(model);
  const request = read(triton, exchange, { model, framed });
  if (request === undefined || strike(exchange.answer, request.knobs)) return;
  const tally = new Tally();
  const planned = planOf(request);
  const responses = new Responses({ answer: exchange.answer, request, model, framed, plan: planned, tally });
  const over = (then: () => void) => (): void => {
    triton.repository.count(model);
    then();
  };
  const generation = new Generation({
    engine: triton.engine,
    answer: exchange.answer,
    knobs: request.knobs,
    parts: [{ plan: planned, prompt: request.promptIds, salt: 0 }],
    sink: {
      begin: () => undefined,
      token: (_part, index, piece) => responses.token(index, piece),
      done: over(() => responses.done()),
      broke: over(() => responses.broke()),
    },
    // Only a stream that has begun hears that its client is gone; everything else runs to its end.
    notices: framed ? "after-first-token" : "never",
    tally,
  });
  if (!generation.start()) throw new TritonError(503, "[request id: <id_unknown>] Exceeds maximum queue size");
}

/** What the model itself refuses is answered here, in the route's own form. */
function read(triton: Triton, exchange: Exchange, { model, framed }: Target): GenerateRequest | undefined {
  try {
    return readGenerate(triton, model, exchange.body);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    sendModelError(exchange.answer, { status: 400, message: error.message, framed });
    return undefined;
  }
}

function planOf(request: GenerateRequest): Plan {
  const { prompt, directives, seed, tokensMax, tokensMin, stop, ignoreEnd, knobs } = request;
  const invalidUtf8 = knobs.invalidUtf8 === true;
  return plan({ prompt, directives, forced: undefined, seed, choice: 0, tokensMax, tokensMin, stop, ignoreEnd, invalidUtf8 });
}
