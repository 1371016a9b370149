/** Starts what is compared, side by side in front of one mock: nobody (direct), nginx, and the gateway. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "./ask.ts";
import { Child } from "./child.ts";
import { type Installed, KEY, MODEL, startGateway } from "./gateway.ts";
import { freePorts, type Ports } from "./free-ports.ts";
import { openFilesMax } from "./proc.ts";
import { ROOT, type Tools } from "./tools.ts";

export const PEER_NAMES = ["direct", "nginx", "bailiwick"] as const;
export type PeerName = (typeof PEER_NAMES)[number];

/** Somebody to send chat completions to. */
export interface Peer {
  readonly name: PeerName;
  readonly url: string;
  /** undefined: takes any. */
  readonly key: string | undefined;
  readonly model: string;
  /** The process whose tree is metered; undefined: nothing is in between. */
  readonly pid: number | undefined;
}

export interface Peers {
  readonly all: readonly Peer[];
  readonly ports: Ports;
  /** Empties all logs. */
  forget(): void;
  stop(): Promise<void>;
}

const START_MS_MAX = 30_000;
const START_POLL_MS = 20;
const WORDS_MAX = 300;
const NGINX_CONNECTIONS_MAX = 65_536;

/** A small request that every peer answers; @c=1@ is the mock's directive for one chunk. */
export function smallChat(model: string): object {
  return { model, messages: [{ role: "user", content: "@c=1;i=0@ hello" }], max_tokens: 16 };
}

/** @throws Error with the last words of what did not start */
export async function startPeers(tools: Tools, installed: Installed): Promise<Peers> {
  const ports = await freePorts();
  const folder = mkdtempSync(join(tmpdir(), "bailiwick-bench-"));
  const children = [
    startMock(tools, ports, folder),
    startNginx(tools, ports, join(folder, "nginx")),
    startGateway(installed, ports, join(folder, "gateway")),
  ];
  const stop = async (): Promise<void> => {
    await Promise.all(children.map((child) => child.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  const [, nginx, gateway] = children;
  const all: readonly Peer[] = [
    { name: "direct", url: chatUrl(ports.mock), key: undefined, model: "mock-model", pid: undefined },
    { name: "nginx", url: chatUrl(ports.nginx), key: KEY, model: "mock-model", pid: nginx?.pid },
    { name: "bailiwick", url: chatUrl(ports.gateway), key: KEY, model: MODEL, pid: gateway?.pid },
  ];
  try {
    for (const [index, child] of children.entries()) await answers(all[index], child);
  } catch (error) {
    await stop();
    throw error;
  }
  return { all, ports, stop, forget: () => children.forEach((child) => child.forget()) };
}

/** On one core, as the comparison's figures elsewhere were taken. */
export function startMock(tools: Tools, ports: Ports, cwd: string): Child {
  return new Child({ file: tools.mock, args: ["-port", String(ports.mock)], cwd, env: { GOMAXPROCS: "1" } });
}

function startNginx(tools: Tools, ports: Ports, folder: string): Child {
  mkdirSync(folder);
  const files = Math.min(NGINX_CONNECTIONS_MAX, openFilesMax());
  const values: Readonly<Record<string, string>> = {
    DIR: folder,
    PORT: String(ports.nginx),
    MOCK: String(ports.mock),
    KEY,
    FILES: String(files),
  };
  const template = readFileSync(join(ROOT, "bench", "gateway", "nginx.conf"), "utf8");
  const file = join(folder, "nginx.conf");
  writeFileSync(
    file,
    template.replace(/@([A-Z]+)@/g, (_, name: string) => values[name] ?? ""),
  );
  // Started by root it would give up the right to its own temporary files.
  const user = process.getuid?.() === 0 ? ["-g", "user root;"] : [];
  return new Child({ file: tools.nginx, args: ["-p", folder, "-c", file, ...user], cwd: folder });
}

export function chatUrl(port: number): string {
  return `http://127.0.0.1:${String(port)}/v1/chat/completions`;
}

/** Waits for the first 200. */
export async function answers(peer: Peer | undefined, child: Child): Promise<void> {
  if (peer === undefined) return;
  let last = "";
  for (const untilMs = performance.now() + START_MS_MAX; child.alive && performance.now() < untilMs; await sleep(START_POLL_MS)) {
    const answer = await ask({ url: peer.url, key: peer.key, body: smallChat(peer.model) }).catch(() => undefined);
    if (answer?.status === 200) return;
    last = answer?.text ?? last;
  }
  throw new Error(`${peer.name} did not start: ${child.lastWords} ${last.slice(0, WORDS_MAX)}`);
}
