/** JSON lines on standard output, written in batches of some kilobytes or every quarter second. */
import { pino, type Logger } from "pino";
import type { Settings } from "../../domain/estate.ts";
import type { LineSink } from "../../telemetry/access-log.ts";

const FLUSH_MS = 250;
const BATCH_BYTES = 8_192;

export interface ProcessLog {
  readonly logger: Logger;
  /** Where request lines go; undefined when the level leaves them out. */
  readonly requests: LineSink | undefined;
  flush(): void;
}

export function openLog(level: Settings["logLevel"]): ProcessLog {
  const destination = pino.destination({ fd: 1, sync: false, minLength: BATCH_BYTES, periodicFlush: FLUSH_MS });
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.epochTime, formatters: { level: (label) => ({ level: label }) } }, destination);
  return { logger, requests: logger.isLevelEnabled("info") ? destination : undefined, flush: () => destination.flushSync() };
}
