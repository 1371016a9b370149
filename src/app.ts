/** Mounts the routes of the callers' side, and turns whatever is thrown into OpenAI's shape. Knows no runtime: the edge brings it. */
import { Hono, type Context } from "hono";
import { Fault } from "./faults.ts";
import { asFault, serve } from "./gateway.ts";
import type { Arrival } from "./ports.ts";
import { INFERENCE } from "./routes/endpoints.ts";
import { LATER, notOffered } from "./routes/later.ts";
import { withHelp } from "./openai/errors.ts";
import { refuse, type Handler, type Visit } from "./routes/handler.ts";
import { READING } from "./routes/reading.ts";
import type { Facilities } from "./routes/facilities.ts";
import { observed } from "./routes/observed.ts";
import { mspOf } from "./world.ts";

/** What a runtime brings: a request's head as an Arrival, and what Hono is told after the exit has answered. */
export interface Edge {
  /** The path as it was sent, without query: nothing is decoded, so that nothing can be two paths. */
  path(env: object): string;
  arrive(context: Context): Arrival;
  leave(context: Context, arrival: Arrival): Response | Promise<Response>;
}

const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"] as const;

export function createApp(facilities: Facilities, edge: Edge): Hono {
  const app = new Hono({ getPath: (_, options) => edge.path(options?.env ?? {}) });
  for (const { path, wire } of INFERENCE) {
    app.post(path, (context) => run(context, (arrival, request) => serve(arrival, wire, request, facilities.world)));
    otherwise(path, ["POST"]);
  }
  for (const { path, handle } of READING) {
    app.get(path, (context) => run(context, observed(path, handle)));
    otherwise(path, ["GET", "HEAD"]);
  }
  for (const later of LATER) app.on([...METHODS], later.path, (context) => run(context, observed(later.path, notOffered(later))));
  app.notFound((context) => run(context, observed("unknown", unknownRoute)));
  return app;

  /** Named methods and not app.all: with one handler for a request Hono calls it straight, with two it builds a chain first. */
  function otherwise(path: string, allowed: readonly string[]): void {
    const others = METHODS.filter((method) => !allowed.includes(method));
    app.on(others, path, (context) =>
      run(
        context,
        observed(path, (arrival, visit) => wrongMethod(arrival, visit, allowed)),
      ),
    );
  }

  async function run(context: Context, handle: Handler): Promise<Response> {
    const arrival = edge.arrive(context);
    const request = facilities.world.random.requestId(facilities.world.clock.nowMs());
    try {
      await handle(arrival, request, facilities);
    } catch (thrown) {
      refuse(arrival.exit, withHelp(asFault(thrown), mspOf(arrival, facilities.world.estate())?.brand), request);
    }
    return edge.leave(context, arrival);
  }
}

function unknownRoute(arrival: Arrival): never {
  throw new Fault("unknown_route", { text: `Unknown request URL: ${arrival.method} ${shown(arrival.path)}.` });
}

function wrongMethod(arrival: Arrival, visit: Visit, methods: readonly string[]): void {
  const allow = [...methods, "OPTIONS"].join(", ");
  if (arrival.method !== "OPTIONS")
    throw new Fault("method_not_allowed", { text: `Use ${methods.join(" or ")} here.`, headers: { allow } });
  visit.status = 204;
  arrival.exit.head(visit.status, ["allow", allow]);
  arrival.exit.end();
}

/** A path as it may be shown back: printable, and not long. */
function shown(path: string): string {
  return path.replace(/[^\x21-\x7e]/g, "?").slice(0, 200);
}
