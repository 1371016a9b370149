/** `npm test`: all that `npm run check` does, then the slower suites. Ends with one plain line. */
import { checkParts, slowParts } from "./parts.ts";
import { runParts } from "./run-parts.ts";

const { passed, failed } = await runParts([...checkParts(), ...slowParts()]);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
