/** What an engine reads out of the bytes that it is sent: an engine knows nothing else of a request. */
import type { Outbound } from "../../src/ports.ts";

export interface Asked {
  readonly shape: "chat" | "completions" | "embeddings" | "tokenize" | "triton";
  readonly request: string;
  /** The model's name on this engine. */
  readonly servedName: string;
  readonly stream: boolean;
  readonly usage: boolean;
  readonly tokensMax: number;
  readonly choices: number;
  /** The whole body, for looking for what must not be in it. */
  readonly text: string;
}

const SHAPES: Readonly<Record<string, Asked["shape"]>> = {
  "/v1/chat/completions": "chat",
  "/v1/completions": "completions",
  "/v1/embeddings": "embeddings",
  "/tokenize": "tokenize",
};
const TOKENS_DEFAULT = 24;

export function readAsked(outbound: Outbound): Asked {
  const text = (outbound.body ?? Buffer.concat(outbound.pieces ?? [])).toString("utf8");
  const body = JSON.parse(text);
  const triton = /^\/v2\/models\/([^/]+)\/generate_stream$/.exec(outbound.path);
  if (triton?.[1] !== undefined) {
    const sampling = JSON.parse(body.sampling_parameters);
    return {
      shape: "triton",
      request: body.id,
      servedName: triton[1],
      stream: true,
      usage: true,
      tokensMax: sampling.max_tokens,
      choices: sampling.n ?? 1,
      text,
    };
  }
  const shape = SHAPES[outbound.path];
  if (shape === undefined) throw new Error(`no engine has the route ${outbound.path}`);
  return {
    shape,
    request: outbound.headers[outbound.headers.indexOf("x-request-id") + 1] ?? "",
    servedName: body.model,
    stream: body.stream === true,
    usage: body.stream_options?.include_usage === true,
    tokensMax: body.max_completion_tokens ?? body.max_tokens ?? TOKENS_DEFAULT,
    choices: body.n ?? 1,
    text,
  };
}
