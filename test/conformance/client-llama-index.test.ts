/** LlamaIndex for Python, unmodified, in a process of its own. */
import { describeClient } from "./support/describe-client.ts";

await describeClient("llama-index");
