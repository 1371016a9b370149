/** Vercel's AI SDK over its provider for anything that speaks OpenAI's language, unmodified, in a process of its own. */
import { describeClient } from "./support/describe-client.ts";

await describeClient("ai-sdk-compatible");
