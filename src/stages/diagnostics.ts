/** Routing diagnostics under neutral names, only where the MSP turned them on and for keys that may ask. */
import type { Backend } from "../domain/fleet.ts";
import type { Principal } from "../domain/tenancy.ts";
import type { HeaderList } from "../ports.ts";
import type { Decided } from "./decide.ts";

const NONE: HeaderList = [];

/** The place is told, never the operator, the engine or the backend's name. */
export function diagnostics(principal: Principal, decided: Decided, backend: Backend | undefined): HeaderList {
  if (!principal.msp.brand.diagnostics || !principal.key.explain) return NONE;
  const { decision } = decided;
  const country = backend?.facts.facts.get("location.country")?.value;
  const served = country === undefined ? [] : ["x-served-country", String(country)];
  return [...served, "x-places-considered", String(decision.considered), "x-places-admissible", String(decision.admissible.length), "x-policy-epoch", String(decision.epoch)];
}
