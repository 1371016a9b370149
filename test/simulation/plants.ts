/** Mistakes on purpose: each is something that a change could bring about, with the rule whose breach must be seen. */
import { requestId } from "../../src/domain/ids.ts";
import type { Backend } from "../../src/domain/fleet.ts";
import type { RequestId } from "../../src/domain/ids.ts";
import type { MicroUnits } from "../../src/domain/money.ts";
import type { Principal } from "../../src/domain/tenancy.ts";
import type { Usage } from "../../src/domain/usage.ts";
import type { Admission, Claim, Gate, Settlement, Windows } from "../../src/ports.ts";
import type { BreachRule } from "./breaches.ts";
import type { Built } from "./declare.ts";
import type { Plant } from "./plant.ts";

/** Passes everything on; a plant changes one answer. */
class GateAround implements Gate {
  protected readonly inner: Gate;

  constructor(inner: Gate) {
    this.inner = inner;
  }

  open(claim: Claim): Promise<Admission> {
    return this.inner.open(claim);
  }

  checkpoint(request: RequestId, usage: Usage, amount: MicroUnits): void {
    this.inner.checkpoint(request, usage, amount);
  }

  settle(request: RequestId, settlement: Settlement): "settled" | "already" {
    return this.inner.settle(request, settlement);
  }

  windows(principal: Principal, atMs: number): Windows {
    return this.inner.windows(principal, atMs);
  }
}

class SettlesTwice extends GateAround {
  override settle(request: RequestId, settlement: Settlement): "settled" | "already" {
    super.settle(request, settlement);
    return super.settle(request, settlement);
  }
}

class ForgetsToSettle extends GateAround {
  #count = 0;

  override settle(request: RequestId, settlement: Settlement): "settled" | "already" {
    this.#count += 1;
    return this.#count % 5 === 0 ? "settled" : super.settle(request, settlement);
  }
}

class AddsATip extends GateAround {
  override settle(request: RequestId, settlement: Settlement): "settled" | "already" {
    return super.settle(request, { ...settlement, amount: settlement.amount + 1 });
  }
}

/** Asks on without waiting for the journal. */
class AdmitsEarly extends GateAround {
  override open(claim: Claim): Promise<Admission> {
    void super.open(claim).catch(() => undefined);
    return Promise.resolve({ ok: true, windows: { requests: undefined, tokens: undefined } });
  }
}

/** What the law permits, and one place more. */
function astray(cleared: Backend, { estate }: Built): Backend {
  const model = [...cleared.models.keys()][0];
  const others = [...estate.declared.backends.values()].filter(
    (each) => each.id !== cleared.id && each.engine === cleared.engine && model !== undefined && each.models.has(model),
  );
  return others[0] ?? cleared;
}

export const PLANTS: Readonly<Record<string, { readonly breaks: BreachRule; readonly plant: Plant }>> = {
  "a transport that ignores clearances": { breaks: "law", plant: { route: astray } },
  "a tenant's law that is not compiled": {
    breaks: "law",
    plant: {
      law: ({ documents }) =>
        documents.map((each) =>
          each.level === "tenant"
            ? { ...each, rules: [{ id: "open", require: { "backend.location.country": { in: ["DE", "FR", "CH", "US"] } } }] }
            : each,
        ),
    },
  },
  "a law that is never reloaded": {
    breaks: "law",
    plant: neverReloaded(),
  },
  "a gate that settles twice": { breaks: "conservation", plant: { gate: (gate) => new SettlesTwice(gate) } },
  "a gate that forgets settlements": { breaks: "leak", plant: { gate: (gate) => new ForgetsToSettle(gate) } },
  "a price with a tip": { breaks: "billing", plant: { gate: (gate) => new AddsATip(gate) } },
  "an admission that is not durable": { breaks: "clearance", plant: { gate: (gate) => new AdmitsEarly(gate) } },
  "a journal that repeats an end": {
    breaks: "conservation",
    plant: {
      gate: (gate, _real, disk) => {
        const push = disk.records.push.bind(disk.records);
        disk.records.push = (...records) => push(...records, ...records.filter(({ kind }) => kind === "end"));
        return gate;
      },
    },
  },
  "a caller's text with a byte too many": {
    breaks: "content",
    plant: {
      caller: (caller) => {
        const write = caller.write.bind(caller);
        caller.write = (bytes) => write(Buffer.from(bytes.toString("latin1").replaceAll("the ", "thee "), "latin1"));
        return caller;
      },
    },
  },
  "an answer that says who gave it": {
    breaks: "secrecy",
    plant: {
      caller: (caller) => {
        const head = caller.head.bind(caller);
        caller.head = (status, headers) => head(status, [...headers, "server", "hush-host-0"]);
        return caller;
      },
    },
  },
  "a request id of somebody else": {
    breaks: "answer",
    plant: {
      caller: (caller) => {
        const head = caller.head.bind(caller);
        caller.head = (status, headers) =>
          head(
            status,
            headers.map((value, at) => (headers[at - 1] === "x-request-id" ? requestId("0".repeat(32)) : value)),
          );
        return caller;
      },
    },
  },
};

function neverReloaded(): Plant {
  let first: ReturnType<NonNullable<Plant["law"]>> | undefined;
  return {
    law: (plain) => {
      if (plain.epoch === 1 || first === undefined) first = plain.documents;
      return first;
    },
  };
}
