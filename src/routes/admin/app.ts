/** The operator's side, on an address of its own: metrics, health, and the smallest useful administration of tenants, projects and keys. */
import { Hono, type Context } from "hono";
import { Fault } from "../../faults.ts";
import { asFault } from "../../gateway.ts";
import type { Edge } from "../../app.ts";
import type { Arrival } from "../../ports.ts";
import { secretOf } from "../../stages/authenticate.ts";
import { refuse, type Handler, type VisitHandler } from "../handler.ts";
import { observed } from "../observed.ts";
import type { Facilities } from "../facilities.ts";
import { ADMIN, type AdminRoute } from "./table.ts";

/** `keyHash` is the SHA-256 of the admin secret, read anew for each request; undefined: the administration is off. */
export function createAdminApp(facilities: Facilities, edge: Edge, keyHash: () => string | undefined): Hono {
  const app = new Hono({ getPath: (_, options) => edge.path(options?.env ?? {}) });
  for (const route of ADMIN) app.on(route.method, route.path, (context) => run(context, observed(route.path, guarded(route))));
  app.notFound((context) => run(context, observed("unknown", unknown)));
  return app;

  function guarded(route: AdminRoute): VisitHandler {
    return async (arrival, visit, inner) => {
      if (route.secret) checkAdmin(arrival);
      await route.handle(arrival, visit, inner);
    };
  }

  function checkAdmin(arrival: Arrival): void {
    const expected = keyHash();
    const given = facilities.world.hash.sha256(secretOf(arrival));
    if (expected === undefined || given !== expected) throw new Fault("invalid_api_key");
  }

  async function run(context: Context, handle: Handler): Promise<Response> {
    const arrival = edge.arrive(context);
    const request = facilities.world.random.requestId(facilities.world.clock.nowMs());
    try {
      await handle(arrival, request, facilities);
    } catch (thrown) {
      refuse(arrival.exit, asFault(thrown), request);
    }
    return edge.leave(context, arrival);
  }
}

function unknown(): never {
  throw new Fault("unknown_route");
}
