/** OpenAI's own Python client in the major before, unmodified, in a process of its own. */
import { describeClient } from "./support/describe-client.ts";

await describeClient("openai-python-previous");
