/** The names of OpenTelemetry's conventions for generative AI, and what a request is called in them. Nothing here can hold content. */
import type { Attributes } from "@opentelemetry/api";
import type { Wire } from "../../domain/call.ts";
import type { Finished } from "./followed.ts";

/** `gen_ai.operation.name`; the last two are our own, since the conventions have none. */
export const OPERATION_OF: Readonly<Record<Wire, string>> = {
  chat: "chat",
  responses: "chat",
  completions: "text_completion",
  embeddings: "embeddings",
  tokenize: "tokenize",
  rerank: "rerank",
  score: "rerank",
};

/** What the conventions say where the value is none that can be told. */
const OTHER = "_OTHER";

/** Advised boundaries of the histograms, in seconds and in tokens. */
export const BOUNDARIES = {
  duration: [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92],
  firstToken: [0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10],
  perToken: [0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 2.5],
  tokens: [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864],
} as const;

/** Labels of every metric, and the first attributes of every request's span: values come from what is declared or from a closed table. */
export function commonAttributes({ wire, alias, record, attempts }: Finished): Attributes {
  const answered = record.firstByteMs !== undefined && record.model !== undefined;
  return {
    "gen_ai.operation.name": OPERATION_OF[wire],
    "gen_ai.provider.name": attempts.at(-1)?.backend.engine ?? OTHER,
    ...(alias === undefined ? {} : { "gen_ai.request.model": alias }),
    ...(answered ? { "gen_ai.response.model": record.model } : {}),
  };
}

/** Why it failed; a caller that left is no error. */
export function errorType({ record }: Pick<Finished, "record">): string | undefined {
  return record.fault ?? (record.outcome === "failed" ? OTHER : undefined);
}
