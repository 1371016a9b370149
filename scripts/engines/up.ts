/** `npm run engines:up`: installs real engines where they are missing, starts those that do not run, and says what each took. */
import { megabytes } from "./command.ts";
import { HOME, Missing } from "./home.ts";
import { install } from "./install.ts";
import { ENGINE_NAMES, type EngineName, recipeOf } from "./lineup.ts";
import { locked } from "./lock.ts";
import { findPython, type Python } from "./python.ts";
import { ready, running, start, stop } from "./running.ts";

const note = (text: string): void => void process.stdout.write(`${text}\n`);

async function up(): Promise<void> {
  const python = findPython();
  await install(python, note);
  const names: EngineName[] = [...ENGINE_NAMES];
  try {
    await Promise.all(names.map((name) => serve(name, python)));
  } catch (error) {
    await stop();
    throw error;
  }
  note(`engines: ${megabytes(HOME.cache) ?? "?"} MB in ${HOME.cache}; npm run test:engines tests them, npm run engines:down stops them`);
}

async function serve(name: EngineName, python: Python): Promise<void> {
  let found = running()[name];
  if (found !== undefined && found.recipe !== recipeOf(name)) {
    await stop([name]);
    found = undefined;
  }
  const engine = found ?? (await start(name, python));
  const seconds = await ready(name, engine, python);
  note(`${name}: ${found === undefined ? `serves after ${seconds.toFixed(0)} s` : "runs"} at ${engine.url}`);
}

try {
  await locked(up);
} catch (error) {
  if (error instanceof Missing) process.stderr.write(`not run: engines (missing: ${error.message})\n`);
  else process.stderr.write(`engines:up failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
