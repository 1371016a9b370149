/** Where a mistake can be planted, to see that the checker finds it. */
import type { Backend } from "../../src/domain/fleet.ts";
import type { LocalGate } from "../../src/gate/local.ts";
import type { Gate } from "../../src/ports.ts";
import type { Caller } from "./caller.ts";
import type { Built } from "./declare.ts";
import type { Disk } from "./journal.ts";
import type { PlainEstate } from "./plain-estate.ts";

export interface Plant {
  readonly route?: (cleared: Backend, built: Built) => Backend;
  readonly law?: (plain: PlainEstate) => PlainEstate["documents"];
  readonly gate?: (gate: Gate, real: LocalGate, disk: Disk) => Gate;
  readonly caller?: (caller: Caller) => Caller;
  /** Is told every line of the trace. */
  readonly trace?: (line: string) => void;
}
