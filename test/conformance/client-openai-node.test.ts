/** OpenAI's own Node client in its current major, unmodified, in a process of its own. */
import { describeClient } from "./support/describe-client.ts";

await describeClient("openai-node");
