/** `npm run engines:down`: ends the engines that `engines:up` has started. What is installed stays. */
import { stop } from "./running.ts";

const ended = await stop();
process.stdout.write(ended.length === 0 ? "no engine runs\n" : `ended: ${ended.join(", ")}\n`);
