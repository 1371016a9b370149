/** The channel that Node lays between a process and those that it forks, from either end. */
import type { ChildProcess } from "node:child_process";
import type { Carrier } from "./link.ts";

export function carrierTo(child: ChildProcess): Carrier {
  return {
    // Whom a message no longer reaches is about to be missed anyway.
    send: (message) => void (child.connected && child.send(toJson(message), () => undefined)),
    onMessage: (then) => void child.on("message", then),
    onEnd: (then) => void child.once("disconnect", then),
  };
}

export function carrierToParent(): Carrier {
  return {
    send: (message) => void (process.connected && process.send?.(toJson(message), undefined, undefined, () => undefined)),
    onMessage: (then) => void process.on("message", then),
    onEnd: (then) => void process.once("disconnect", then),
  };
}

/** Messages are objects of plain data. @throws TypeError for anything else */
function toJson(message: unknown): object {
  if (typeof message === "object" && message !== null) return message;
  throw new TypeError("a message is an object");
}
