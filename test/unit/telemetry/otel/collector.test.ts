import { Agent, createServer, type RequestListener, type Server } from "node:http";
import { emptyResource } from "@opentelemetry/resources";
import { afterEach, expect, it } from "vitest";
import { BOUNDS } from "../../../../src/bounds.ts";
import { HttpCollector, type Trouble } from "../../../../src/telemetry/otel/collector.ts";
import { spansOf } from "../../../../src/telemetry/otel/spans.ts";
import { finished, HandClock, settled } from "./fixture.ts";

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

async function listening(answer: RequestListener): Promise<string> {
  const started = (server = createServer(answer));
  await new Promise<void>((resolve) => started.listen(0, "127.0.0.1", resolve));
  const address = started.address();
  return `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/base`;
}

function connections() {
  const agent = new Agent({ keepAlive: true });
  return { agent: () => agent, cut: () => agent.destroy() };
}

const send = (collector: HttpCollector): Promise<Trouble> =>
  collector.spans(spansOf(finished(), { resource: emptyResource(), scope: { name: "test" }, spanId: () => "1".repeat(16) }));

it("posts JSON with the given headers behind the endpoint", async () => {
  const asked: unknown[] = [];
  const endpoint = await listening((incoming, outgoing) => {
    const { authorization, "content-type": type } = incoming.headers;
    asked.push([incoming.method, incoming.url, authorization, type]);
    incoming.resume().on("end", () => outgoing.end("{}"));
  });
  const clock = new HandClock();
  const collector = new HttpCollector({ endpoint, headers: new Map([["authorization", "Basic eA=="]]) }, connections(), clock);
  expect([await send(collector), clock.timers]).toEqual([undefined, 0]);
  expect(await collector.metrics({ resource: emptyResource(), scopeMetrics: [] })).toBeUndefined();
  expect(asked).toEqual([
    ["POST", "/base/v1/traces", "Basic eA==", "application/json"],
    ["POST", "/base/v1/metrics", "Basic eA==", "application/json"],
  ]);
  collector.close();
});

it("tells by its number why a collector refused, and not in its words", async () => {
  const endpoint = await listening((incoming, outgoing) => void incoming.resume().on("end", () => outgoing.writeHead(401).end("canary")));
  const collector = new HttpCollector({ endpoint, headers: new Map() }, connections(), new HandClock());
  expect(await send(collector)).toBe("401");
  collector.close();
});

it("cuts an export that does not end in time", async () => {
  const begun = Promise.withResolvers<void>();
  const cut = Promise.withResolvers<void>();
  const endpoint = await listening((incoming, outgoing) => {
    incoming.resume();
    outgoing.writeHead(200);
    // Byte by byte, so that no timer for silence ever runs out.
    const dripping = setInterval(() => outgoing.write(" "), 20);
    outgoing.on("close", () => {
      clearInterval(dripping);
      cut.resolve();
    });
    begun.resolve();
  });
  const clock = new HandClock();
  const collector = new HttpCollector({ endpoint, headers: new Map() }, connections(), clock);
  const sent = send(collector);
  await begun.promise;
  await settled();
  clock.advance(BOUNDS.otlpExportMsMax);
  expect(await sent).toBe("it did not answer in time");
  await cut.promise;
});
