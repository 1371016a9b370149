/** The engines that `npm run engines:up` has started, or why the suites cannot run. */
import { ENGINE_NAMES, type EngineName } from "../../../scripts/engines/lineup.ts";
import { type Process, running } from "../../../scripts/engines/running.ts";

const state = running();
const lacking = ENGINE_NAMES.filter((name) => state[name] === undefined);

/** undefined: all of them run. */
export const missing: string | undefined =
  lacking.length === 0
    ? undefined
    : `${lacking.join(", ")} ${lacking.length === 1 ? "does" : "do"} not run: npm run engines:up starts them`;

if (missing !== undefined) process.stdout.write(`not run: engines (${missing})\n`);

/** @throws Error when it does not run: guard suites with `missing` */
export function engine(name: EngineName): Process {
  const found = state[name];
  if (found === undefined) throw new Error(`${name} does not run`);
  return found;
}

/** Its address, also while a test has ended it; "" where the suites do not run at all. */
export function urlOf(name: EngineName): string {
  return state[name]?.url ?? "";
}
