/** JSON lines on standard output: what the process has to say through pino, requests through a file of lines. */
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

export function openLog(level: Settings["logLevel"]): ProcessLog {
  const destination = pino.destination({ fd: STANDARD_OUTPUT, sync: true });
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.epochTime, formatters: { level: (label) => ({ level: label }) } },
    destination,
  );
  const requests = logger.isLevelEnabled("info") ? new LineFile(STANDARD_OUTPUT, nodeClock) : undefined;
  return { logger, requests, close: () => requests?.close() };
}
