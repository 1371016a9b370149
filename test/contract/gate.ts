/** What every gate must do, whatever stands behind it. An adapter's test says how one is built, and calls this. */
import { describe } from "vitest";
import { admissions } from "./gate/admissions.ts";
import type { MakeGate } from "./gate/bench.ts";
import { budgets } from "./gate/budgets.ts";
import { endings } from "./gate/endings.ts";
import { failures } from "./gate/failures.ts";
import { restarts } from "./gate/restarts.ts";
import { standings } from "./gate/standings.ts";

export function gateContract(name: string, make: MakeGate): void {
  describe(`${name} as a gate`, () => {
    admissions(make);
    endings(make);
    budgets(make);
    standings(make);
    failures(make);
    restarts(make);
  });
}
