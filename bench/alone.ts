/** A gateway with its own mock and nobody beside it: for what is compared with the gateway itself. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bench } from "./bench.ts";
import { freePorts } from "./free-ports.ts";
import { KEY, MODEL, startGateway } from "./gateway.ts";
import { answers, chatUrl, type Peer, type Peers, startMock } from "./peers.ts";

export interface Alone extends Peers {
  readonly gateway: Peer & { readonly pid: number };
}

/** @param options of the command line. @throws NotRun; Error with the last words of what did not start */
export async function startAlone(
  { tools, installed }: Pick<Bench, "tools" | "installed">,
  options: readonly string[] = [],
): Promise<Alone> {
  const ports = await freePorts();
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-bench-"));
  const mock = startMock(tools, ports, folder);
  const child = startGateway(installed, ports, join(folder, "gateway"), { options });
  const stop = async (): Promise<void> => {
    await Promise.all([child.stop(), mock.stop()]);
    rmSync(folder, { recursive: true, force: true });
  };
  const gateway = { name: "bailiwick", url: chatUrl(ports.gateway), key: KEY, model: MODEL, pid: child.pid } as const;
  try {
    await answers(gateway, child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { all: [gateway], gateway, ports, forget: () => child.forget(), stop };
}
