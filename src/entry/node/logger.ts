/** JSON lines on standard output, written in batches of some kilobytes or every quarter second. */
import { pino, type Logger } from "pino";
import type { Settings } from "../../domain/estate.ts";

const FLUSH_MS = 250;

export interface ProcessLog {
  readonly logger: Logger;
  flush(): void;
}

export function openLog(level: Settings["logLevel"]): ProcessLog {
  const destination = pino.destination({ fd: 1, sync: false, minLength: 8_192, periodicFlush: FLUSH_MS });
  const logger = pino({ level, base: null, timestamp: pino.stdTimeFunctions.epochTime, formatters: { level: (label) => ({ level: label }) } }, destination);
  return { logger, flush: () => destination.flushSync() };
}
