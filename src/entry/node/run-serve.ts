/** `bailiwick serve` as a process: what it says when it listens, and which signals it obeys. */
import { fileSource } from "./estate.ts";
import { fail } from "./fail.ts";
import { serve, type Serving } from "./serve.ts";

/** @param file configuration; undefined: the demo, which nothing else loads */
export async function runServe(file: string | undefined): Promise<void> {
  try {
    untilSignalled(
      file === undefined ? await (await import("./demo.ts")).startDemo() : announced(await serve(fileSource(file), { follow: true })),
    );
  } catch (error) {
    fail(error);
  }
}

function announced(serving: Serving): Serving {
  for (const { host, port, msp } of serving.listening)
    process.stderr.write(`listening on http://${host}:${String(port)}${msp === undefined ? "" : ` for ${msp}`}\n`);
  process.stderr.write(`administration and metrics on http://${serving.admin.host}:${String(serving.admin.port)}\n`);
  return serving;
}

/** SIGTERM and SIGINT drain and leave with 0; SIGHUP reads the configuration again. */
function untilSignalled(serving: Pick<Serving, "stop" | "reload">): void {
  let leaving = false;
  const leave = (): void => {
    if (leaving) return;
    leaving = true;
    void serving.stop().then((clean) => process.exit(clean ? 0 : 1));
  };
  process.on("SIGTERM", leave).on("SIGINT", leave);
  process.on("SIGHUP", () => serving.reload());
}
