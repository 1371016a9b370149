/** What is seen from outside: every finished request goes to the metrics and to the log. */
import type { Observer, RequestRecord } from "../ports.ts";
import type { AccessLog } from "./access-log.ts";
import type { Metrics } from "./metrics.ts";

export class Telemetry implements Observer {
  readonly #metrics: Metrics;
  readonly #log: AccessLog | undefined;

  constructor(metrics: Metrics, log: AccessLog | undefined) {
    this.#metrics = metrics;
    this.#log = log;
  }

  finished(record: RequestRecord): void {
    this.#metrics.count(record);
    this.#log?.write(record);
  }
}
