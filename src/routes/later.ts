/** Endpoints that clients know and that come later: each says so, and what to use meanwhile, instead of a 404 like any other. */
import { Fault } from "../faults.ts";
import type { Arrival } from "../ports.ts";

export interface Later {
  /** Hono's pattern; every method. */
  readonly path: string;
  readonly text: string;
}

const UNSTORED =
  "Responses are not stored here: keep the answer of POST /v1/responses yourself, and send the whole conversation in 'input'.";
const ANTHROPIC = "Anthropic Messages are not offered here yet. Use POST /v1/chat/completions.";
const AUDIO = "Audio is not offered here yet.";
const IMAGES = "Images are not made here yet; models that see take them as data: URLs in POST /v1/chat/completions.";

export const LATER: readonly Later[] = [
  { path: "/v1/responses/:rest{.+}", text: UNSTORED },
  { path: "/v1/conversations", text: UNSTORED },
  { path: "/v1/conversations/:rest{.+}", text: UNSTORED },
  { path: "/v1/messages", text: ANTHROPIC },
  { path: "/v1/messages/:rest{.+}", text: ANTHROPIC },
  { path: "/v1/audio/:rest{.+}", text: AUDIO },
  { path: "/v1/realtime", text: AUDIO },
  { path: "/v1/realtime/:rest{.+}", text: AUDIO },
  { path: "/v1/images/:rest{.+}", text: IMAGES },
];

/** @throws Fault not_offered, always */
export function notOffered({ text }: Later): (arrival: Arrival) => never {
  return () => {
    throw new Fault("not_offered", { text });
  };
}
