/** OpenAI's own Node client in the major before, unmodified, in a process of its own. */
import { describeClient } from "./support/describe-client.ts";

await describeClient("openai-node-previous");
