/** The `llm` command line, unmodified, in a process of its own. */
import { describeClient } from "./support/describe-client.ts";

await describeClient("llm-cli");
