/** The gateway before two scripted engines: what is measured when one of them, or a caller, is suddenly gone. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "./ask.ts";
import type { Child } from "./child.ts";
import { freePorts, type Ports } from "./free-ports.ts";
import { configuration, type Installed, KEY, startGateway } from "./gateway.ts";
import { chatUrl } from "./peers.ts";
import { type Answering, ScriptedEngine } from "./scripted-engine.ts";

const START_MS_MAX = 30_000;
const START_POLL_MS = 20;

export interface TwoEngines {
  readonly ports: Ports;
  readonly engines: readonly [ScriptedEngine, ScriptedEngine];
  stop(): Promise<void>;
}

/** The second backend is the first with another port. @throws Error when the governed configuration has no backend of that name */
export function withSecondEngine(text: string, port: number): string {
  const [block] = /^ {2}gpu-1:\n(?: {4}.*\n)+/m.exec(text) ?? [];
  if (block === undefined) throw new Error("bench/gateway/bailiwick.yaml has no backend gpu-1");
  return text.replace(block, block + block.replace("gpu-1:", "gpu-2:").replace(/127\.0\.0\.1:\d+/, `127.0.0.1:${String(port)}`));
}

/** @throws Error with the last words of a gateway that does not start */
export async function startTwoEngines(installed: Installed, answering: Answering): Promise<TwoEngines> {
  const ports = await freePorts();
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-bench-two-"));
  const engines = [new ScriptedEngine(ports.mock, answering), new ScriptedEngine(ports.nginx, answering)] as const;
  await Promise.all(engines.map((engine) => engine.start()));
  const gateway = startGateway(installed, ports, folder, { text: withSecondEngine(configuration(ports), ports.nginx) });
  const stop = async (): Promise<void> => {
    for (const engine of engines) engine.kill();
    await gateway.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await answers(gateway, ports);
  } catch (error) {
    await stop();
    throw error;
  }
  return { ports, engines, stop };
}

/** The models page needs no engine, so nothing is cancelled by asking for it. */
async function answers(gateway: Child, ports: Ports): Promise<void> {
  const url = chatUrl(ports.gateway).replace("/chat/completions", "/models");
  for (const untilMs = performance.now() + START_MS_MAX; gateway.alive && performance.now() < untilMs; await sleep(START_POLL_MS)) {
    const answer = await ask({ url, key: KEY }).catch(() => undefined);
    if (answer?.status === 200) return;
  }
  throw new Error(`the gateway did not start: ${gateway.lastWords}`);
}
