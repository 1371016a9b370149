/** JSON lines on standard output: what the process has to say through pino, requests through a file of lines. */
import { fstatSync } from "node:fs";
import { pino, type Logger } from "pino";
import type { Settings } from "../../domain/estate.ts";
import type { LineSink } from "../../telemetry/access-log.ts";
import { nodeClock } from "./clock.ts";
import { LineFile } from "./line-file.ts";

const STANDARD_OUTPUT = 1;

export interface ProcessLog {
  readonly logger: Logger;
  /** Where request lines go; undefined when the level leaves them out. */
  readonly requests: LineSink | undefined;
  close(): void;
}

/** @param shared other processes write to the same standard output */
export function openLog(level: Settings["logLevel"], shared = false): ProcessLog {
  const destination = pino.destination({ fd: STANDARD_OUTPUT, sync: true });
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.epochTime, formatters: { level: (label) => ({ level: label }) } },
    destination,
  );
  const requests = logger.isLevelEnabled("info")
    ? new LineFile(STANDARD_OUTPUT, nodeClock, shared ? piecesOf(STANDARD_OUTPUT) : undefined)
    : undefined;
  return { logger, requests, close: () => requests?.close() };
}

/** What a pipe keeps together (PIPE_BUF); in a file every write has its own place. */
function piecesOf(fd: number): number | undefined {
  return fstatSync(fd).isFile() ? undefined : 4_096;
}
