/** `bailiwick health`: for whoever supervises a gateway and has no other tool in reach, as in a container without a shell. */
import { fail } from "./fail.ts";

const ADMIN_URL = "http://127.0.0.1:9090";
/** Less than supervisors usually wait. */
const ANSWER_MS_MAX = 2_500;

/** Ends with 0 when the gateway takes requests, else with 1 and one line that says why not. */
export async function runHealth(base = ADMIN_URL): Promise<void> {
  try {
    const answer = await fetch(new URL("/readyz", base), { signal: AbortSignal.timeout(ANSWER_MS_MAX), redirect: "error" });
    if (!answer.ok) throw new Error(`The gateway at ${base} takes no requests: ${String(answer.status)}.`);
    process.stdout.write("ready\n");
  } catch (error) {
    fail(error instanceof TypeError || error instanceof DOMException ? new Error(`Nothing answers at ${base}.`) : error);
  }
}
