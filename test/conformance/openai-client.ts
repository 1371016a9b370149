/** OpenAI's Node client, unmodified, pointed at a stand. */
import OpenAI from "openai";
import { KEYS } from "../edge/support/estate.ts";
import type { Stand } from "../edge/support/stand.ts";

export type ClientOptions = Partial<NonNullable<ConstructorParameters<typeof OpenAI>[0]>>;

export function clientOf(stand: Stand, options: ClientOptions = {}): OpenAI {
  return new OpenAI({ baseURL: `http://127.0.0.1:${stand.ports.alpine}/v1`, apiKey: KEYS.alpine, maxRetries: 0, ...options });
}

export const user = (content: string): OpenAI.ChatCompletionMessageParam[] => [{ role: "user", content }];

/** What a call was refused with. */
export async function refusal(call: Promise<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const thrown: unknown = await call.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (thrown instanceof OpenAI.APIError) return thrown;
  throw new Error(`expected an APIError, not ${String(thrown)}`);
}

export async function drained(
  stream: AsyncIterable<OpenAI.ChatCompletionChunk>,
  each: (chunk: OpenAI.ChatCompletionChunk) => void = () => undefined,
): Promise<void> {
  for await (const chunk of stream) each(chunk);
}
