/** Routing diagnostics under neutral names, only where the MSP turned them on and for keys that may ask. */
import type { Backend } from "../domain/fleet.ts";
import type { Principal } from "../domain/tenancy.ts";
import type { HeaderList } from "../ports.ts";
import { countryOf, mayLook, type Decided } from "./decide.ts";

const NONE: HeaderList = [];

/** The place is told, never the operator, the engine or the backend's name. */
export function diagnostics(principal: Principal, decided: Decided, backend: Backend | undefined): HeaderList {
  if (!mayLook(principal)) return NONE;
  const { decision } = decided;
  const country = countryOf(backend);
  const served = country === undefined ? [] : ["x-served-country", country];
  return [
    ...served,
    "x-places-considered",
    String(decision.considered),
    "x-places-admissible",
    String(decision.admissible.length),
    "x-policy-epoch",
    String(decision.epoch),
  ];
}
