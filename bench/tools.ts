/** The parts that npm does not bring: Go for the mock and the load client, nginx as the yardstick. What is missing is named, not guessed around. */
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "..");
/** Compiled programs and everything else that is made again at will. */
export const CACHE = join(ROOT, "node_modules", ".cache", "bench");

export interface Tools {
  readonly mock: string;
  readonly load: string;
  readonly nginx: string;
}

/** Debian puts nginx where only root looks, and Go's own installer where nobody does. */
const PLACES: Readonly<Record<"go" | "nginx", readonly string[]>> = {
  go: ["go", "/usr/local/go/bin/go", "/usr/lib/go/bin/go"],
  nginx: ["nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx"],
};

const VERSION_ARGS = { go: "version", nginx: "-v" } as const;

/** Why a part is missing, as "not run: go (why)" shows it. */
export interface Missing {
  readonly part: string;
  readonly why: string;
}

/** Finds what is needed and compiles the Go programs (quick when they are unchanged). */
export function prepareTools(): Tools | Missing {
  if (process.platform !== "linux") return { part: "gateway", why: `CPU and memory are read from /proc; this is ${process.platform}` };
  const go = find("go");
  if (go === undefined) return { part: "go", why: "not installed; Debian: apt-get install golang-go" };
  const nginx = find("nginx");
  if (nginx === undefined) return { part: "nginx", why: "not installed; Debian: apt-get install nginx-light" };
  mkdirSync(CACHE, { recursive: true });
  const [mock, load] = [compile(go, "mock"), compile(go, "load")];
  if (typeof mock !== "string") return mock;
  return typeof load === "string" ? { mock, load, nginx } : load;
}

function find(name: keyof typeof PLACES): string | undefined {
  return PLACES[name].find((place) => spawnSync(place, [VERSION_ARGS[name]], { stdio: "ignore" }).status === 0);
}

function compile(go: string, name: "mock" | "load"): string | Missing {
  const program = join(CACHE, name);
  const env = { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-trimpath", GOTOOLCHAIN: "local", GOPROXY: "off" };
  const done = spawnSync(go, ["build", "-o", program, "."], { cwd: join(ROOT, "bench", name), env, encoding: "utf8" });
  if (done.status === 0 && existsSync(program)) return program;
  return { part: "go", why: `bench/${name} does not compile: ${done.stderr.trim().slice(0, 200)}` };
}
