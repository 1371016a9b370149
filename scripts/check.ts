/** `npm run check`: everything that tells in under a minute whether a change may stand. */
import { checkParts } from "./parts.ts";
import { runParts } from "./run-parts.ts";

const { failed } = await runParts(checkParts());
process.exitCode = failed === 0 ? 0 : 1;
