/** POST /v2/models/M/generate and generate_stream. */
import { Generation, type Notices, Tally } from "../generation.ts";
import type { Exchange } from "../loopback-server.ts";
import { type Plan, plan } from "../plan.ts";
import { type GenerateRequest, ModelError, readGenerate } from "./generate-request.ts";
import type { SimulatedModel } from "./models.ts";
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
export function serveGenerate(triton: Triton, exchange: Exchange, { model: name, framed }: Target): void {
  const model = triton.repository.model(name);
  const request = read(triton, exchange, { model, framed });
  if (request === undefined || strike(exchange.answer, request.knobs)) return;
  const tally = new Tally();
  const plans = Array.from({ length: request.choices }, (_, choice) => planOf(request, model, choice));
  const responses = new Responses({ answer: exchange.answer, request, model, framed, plans, tally });
  const over = (then: () => void) => (): void => {
    triton.repository.count(name);
    then();
  };
  const generation = new Generation({
    engine: triton.engine,
    answer: exchange.answer,
    knobs: request.knobs,
    parts: plans.map((each) => ({ plan: each, prompt: request.promptIds, salt: 0 })),
    sink: {
      begin: () => undefined,
      token: (part, index, piece) => responses.token(part, index, piece),
      done: over(() => responses.done()),
      broke: over(() => responses.broke()),
    },
    notices: notices(model, framed),
    tally,
  });
  if (!generation.start()) throw new TritonError(503, "[request id: <id_unknown>] Exceeds maximum queue size");
}

/** Only a stream that has begun hears that its client is gone, and an ensemble not even then; everything else runs to its end. */
function notices({ kind }: SimulatedModel, framed: boolean): Notices {
  return framed && kind !== "ensemble" ? "after-first-token" : "never";
}

/** What the model itself refuses is answered here, in the route's own form. */
function read(
  triton: Triton,
  exchange: Exchange,
  { model, framed }: { readonly model: SimulatedModel; readonly framed: boolean },
): GenerateRequest | undefined {
  try {
    return readGenerate(triton, model, exchange.body);
  } catch (error) {
    if (!(error instanceof ModelError)) throw error;
    sendModelError(exchange.answer, { status: 400, message: error.message, framed, kind: model.kind });
    return undefined;
  }
}

function planOf(request: GenerateRequest, { kind }: SimulatedModel, choice: number): Plan {
  const { prompt, directives, seed, tokensMax, tokensMin, stop, ignoreEnd, knobs, forced } = request;
  const invalidUtf8 = knobs.invalidUtf8 === true;
  const planned = plan({ prompt, directives, forced, seed, choice, tokensMax, tokensMin, stop, ignoreEnd, invalidUtf8 });
  return kind === "tensorrt_llm_bls" || kind === "ensemble" ? withStopString(planned) : planned;
}

/** TensorRT-LLM streams a stop string before it notices that it is one, over as many tokens as it takes. */
function withStopString({ pieces, finish, stopReason }: Plan): Plan {
  if (stopReason === null) return { pieces, finish, stopReason };
  const half = Math.ceil(stopReason.length / 2);
  const last = pieces.length - 1;
  const shown = pieces.map((piece, index) => {
    if (last === 0) return piece + stopReason;
    if (index === last) return piece + stopReason.slice(half);
    return index === last - 1 && pieces[last] === "" ? piece + stopReason.slice(0, half) : piece;
  });
  const whole = last > 0 && pieces[last] !== "" ? [...shown.slice(0, -1), (pieces[last] ?? "") + stopReason] : shown;
  return { pieces: whole, finish, stopReason };
}
