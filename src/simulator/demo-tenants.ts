/** Who asks in the demo: two resellers, four tenants, and for each of them what the law lets through and what it does not. */

/** A reseller: its address in the configuration and the names under which it sells. */
export interface DemoMsp {
  readonly id: DemoMspId;
  readonly name: string;
  readonly chat: string;
  readonly large: string;
  readonly embedding: string;
}

export type DemoMspId = "kontor" | "relais";

export const DEMO_MSPS: Readonly<Record<DemoMspId, DemoMsp>> = {
  kontor: { id: "kontor", name: "Kontor KI", chat: "kontor-chat", large: "kontor-large", embedding: "kontor-embed" },
  relais: { id: "relais", name: "Relais IA", chat: "relais-chat", large: "relais-large", embedding: "relais-embed" },
};

/** A request that the tenant's own rules refuse. */
export interface Refused {
  readonly model: string;
  /** `Sovereignty-Require` header; undefined: none is needed. */
  readonly require: string | undefined;
  readonly why: string;
}

export interface DemoTenant {
  readonly id: "klinikum" | "papillon" | "ministere" | "flandre";
  readonly msp: DemoMspId;
  readonly name: string;
  /** Its rules in one line, for people. */
  readonly law: string;
  readonly refused: Refused;
}

export const DEMO_TENANTS: readonly DemoTenant[] = [
  {
    id: "klinikum",
    msp: "kontor",
    name: "Klinikum Nordsee",
    law: "Germany only, nobody with a parent outside the EEA, C5 type 2",
    refused: { model: "kontor-large", require: undefined, why: "it runs in Munich and Virginia, both owned from the United States" },
  },
  {
    id: "papillon",
    msp: "kontor",
    name: "Papillon Labs",
    law: "anywhere in the world",
    refused: {
      model: "kontor-large",
      require: "operator-country=(DE)",
      why: "this request asks for a German operator, and the model has none",
    },
  },
  {
    id: "ministere",
    msp: "relais",
    name: "Ministère des Archives",
    law: "the European Union only, from class confidential up with SecNumCloud",
    refused: { model: "relais-large", require: undefined, why: "none of the places that run it holds SecNumCloud" },
  },
  {
    id: "flandre",
    msp: "relais",
    name: "Banque de Flandre",
    law: "anywhere in the EEA, from class confidential up with European owners only",
    refused: {
      model: "relais-large",
      require: "class=confidential",
      why: "it runs in Munich, but its owner sits in the United States; without the header it is served",
    },
  },
];
