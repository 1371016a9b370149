/** What wrangler.toml binds to the Worker, as far as it is used here. */
import type { Desk } from "../../gate/desk.ts";
import type { D1 } from "../../storage/d1/database.ts";
import type { ObjectSql } from "../../storage/object/sql.ts";
import type { SlotDesk } from "./slots.ts";

/** What the Worker may ask of the object that keeps one MSP's gate. */
export interface MspDesk extends Desk, SlotDesk {
  /** Resolves when everything that has been settled is in D1. */
  handOver(): Promise<void>;
}

export interface GateNamespace {
  idFromName(name: string): object;
  get(id: object): MspDesk;
  /** Objects that never leave a place, "eu" for one. */
  jurisdiction(name: string): GateNamespace;
}

export interface Bindings {
  readonly LEDGER: D1;
  readonly GATE: GateNamespace;
  /** Where the gates' objects have to stay; absent: anywhere. */
  readonly JURISDICTION?: string;
}

/** Of a Durable Object. */
export interface ObjectState {
  readonly storage: {
    readonly sql: ObjectSql;
    setAlarm(atMs: number): Promise<void>;
  };
}

/** Variables and secrets: every binding that is a text. */
export function environmentOf(bindings: object): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(bindings).filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
