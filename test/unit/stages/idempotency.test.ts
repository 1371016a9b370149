import { describe, expect, it } from "vitest";
import { requestId, tenantId } from "../../../src/domain/ids.ts";
import { Idempotency } from "../../../src/stages/idempotency.ts";
import { callOf, faultOf, sha256 } from "./fixture.ts";

const TENANT = tenantId("t");
const FIRST = requestId("1".repeat(32));
const SECOND = requestId("2".repeat(32));
const open = (): Idempotency => new Idempotency({ sha256 });

describe("Idempotency", () => {
  it("runs the first and tells the second that it is done, and which it was", async () => {
    const idempotency = open();
    const end = await idempotency.claim("k", TENANT, callOf(), FIRST);
    end(true);
    const fault = await faultOf(() => idempotency.claim("k", TENANT, callOf(), SECOND));
    expect([fault.fault, fault.kind.status, fault.kind.shouldRetry]).toEqual(["idempotency_completed", 409, false]);
    expect(fault.extra).toEqual({ original_request_id: FIRST });
  });

  it("lets the second wait for the first", async () => {
    const idempotency = open();
    const end = await idempotency.claim("k", TENANT, callOf(), FIRST);
    const second = faultOf(() => idempotency.claim("k", TENANT, callOf(), SECOND));
    end(true);
    expect((await second).fault).toBe("idempotency_completed");
  });

  it("frees the key of a request that came to nothing, for one of those that wait", async () => {
    const idempotency = open();
    const end = await idempotency.claim("k", TENANT, callOf(), FIRST);
    const waiting = [idempotency.claim("k", TENANT, callOf(), SECOND), idempotency.claim("k", TENANT, callOf(), requestId("3".repeat(32)))];
    end(false);
    const next = await Promise.race(waiting);
    next(true);
    const rest = await Promise.allSettled(waiting);
    expect(rest.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });

  it("refuses another body or endpoint under the same key, also while the first runs", async () => {
    const idempotency = open();
    const end = await idempotency.claim("k", TENANT, callOf(), FIRST);
    expect((await faultOf(() => idempotency.claim("k", TENANT, callOf({ max_tokens: 11 }), SECOND))).fault).toBe("idempotency_key_reused");
    end(true);
    expect((await faultOf(() => idempotency.claim("k", TENANT, callOf({ max_tokens: 11 }), SECOND))).fault).toBe("idempotency_key_reused");
    expect((await faultOf(() => idempotency.claim("k", TENANT, { ...callOf(), capability: "completions" }, SECOND))).fault).toBe(
      "idempotency_key_reused",
    );
  });

  it("knows tenants apart", async () => {
    const idempotency = open();
    (await idempotency.claim("k", TENANT, callOf(), FIRST))(true);
    (await idempotency.claim("k", tenantId("other"), callOf({ max_tokens: 11 }), SECOND))(true);
  });

  it("does not let an end that comes late take a key that another has", async () => {
    const idempotency = open();
    const late = await idempotency.claim("k", TENANT, callOf(), FIRST);
    late(false);
    const end = await idempotency.claim("k", TENANT, callOf(), SECOND);
    late(false);
    end(true);
    expect((await faultOf(() => idempotency.claim("k", TENANT, callOf(), FIRST))).extra).toEqual({ original_request_id: SECOND });
  });

  it.each(["", "with space", "ümlaut", "k".repeat(256), "line\nbreak"])("refuses the key %j", async (key) => {
    expect((await faultOf(() => open().claim(key, TENANT, callOf(), FIRST))).fault).toBe("idempotency_key_invalid");
  });
});
