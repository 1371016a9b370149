/** Runs another program in this one's place: same terminal, same signals, same end. */
import { spawn } from "node:child_process";

const FORWARDED = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR2"];

/** Never returns to its caller in effect: this process ends as the program does. */
export function handOver(program, args, env) {
  const child = spawn(program, args, { stdio: "inherit", env });
  const signals = process.platform === "win32" ? ["SIGINT", "SIGTERM"] : FORWARDED;
  const forward = (signal) => {
    // A terminal sends Ctrl-C to the whole group: passing it on too would make one press look like two.
    if (signal === "SIGINT" && process.stdin.isTTY) return;
    child.kill(signal);
  };
  for (const signal of signals) process.on(signal, forward);
  child.on("error", (error) => {
    process.stderr.write(`bailiwick: could not start ${program}: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    for (const forwarded of signals) process.off(forwarded, forward);
    process.kill(process.pid, signal);
  });
}
