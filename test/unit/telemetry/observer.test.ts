import { expect, it } from "vitest";
import { AccessLog } from "../../../src/telemetry/access-log.ts";
import { Metrics } from "../../../src/telemetry/metrics.ts";
import { Telemetry } from "../../../src/telemetry/observer.ts";
import { served } from "./records.ts";

const requests = async (metrics: Metrics) => /^gateway_requests_total\{[^}]*\} (\d+)$/m.exec(await metrics.registry.metrics())?.[1];

it("tells the metrics and the log of every request", async () => {
  const lines: string[] = [];
  const metrics = new Metrics({ requestsInFlight: () => 0, backends: () => [] });
  const telemetry = new Telemetry(metrics, new AccessLog({ write: (line) => lines.push(line) }, () => 0));
  telemetry.finished(served());
  telemetry.finished(served());
  expect([lines.length, await requests(metrics)]).toEqual([2, "2"]);
});

it("counts also where nothing is logged", async () => {
  const metrics = new Metrics({ requestsInFlight: () => 0, backends: () => [] });
  new Telemetry(metrics, undefined).finished(served());
  expect(await requests(metrics)).toBe("1");
});
