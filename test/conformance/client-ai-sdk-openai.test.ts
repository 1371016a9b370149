/** Vercel's AI SDK over its provider for OpenAI, in chat mode, unmodified, in a process of its own. */
import { describeClient } from "./support/describe-client.ts";

await describeClient("ai-sdk-openai");
