/** How a configuration changes while requests run: law narrows or widens, facts and places change, backends and keys come and go. */
import type { Chance } from "./chance.ts";
import { generateBackend, generateFacts, generateRules, type PlainBackend, type PlainEstate, SECRET } from "./plain-estate.ts";
import { RUNGS } from "./plain-law.ts";

type Change = (estate: PlainEstate, chance: Chance, nowMs: number) => Partial<PlainEstate>;

const CHANGES: Readonly<Record<string, Change>> = {
  rules: (estate, chance) => {
    const tenant = chance.pick(estate.tenants).id;
    return {
      documents: estate.documents.map((each) =>
        each.level === "tenant" && each.subject === tenant ? { ...each, rules: generateRules(chance) } : each,
      ),
    };
  },
  silence: (estate, chance) => {
    const gone = chance.pick(estate.documents.filter(({ level }) => level === "tenant" || level === "operator"));
    return { documents: estate.documents.filter((each) => each !== gone) };
  },
  facts: (estate, chance, nowMs) => ({
    backends: replaced(estate, chance, (backend) => ({ ...backend, facts: generateFacts(chance, nowMs) })),
  }),
  moved: (estate, chance, nowMs) => ({
    backends: replaced(estate, chance, (backend) => ({
      ...backend,
      baseUrl: `http://${SECRET}-moved-${chance.between(0, 999)}.internal:8000`,
      facts: generateFacts(chance, nowMs),
    })),
  }),
  renamed: (estate, chance) => ({
    backends: replaced(estate, chance, (backend) => ({
      ...backend,
      models: Object.fromEntries(Object.entries(backend.models).map(([model, name]) => [model, `${name}x`])),
    })),
  }),
  removed: (estate, chance) =>
    estate.backends.length < 2 ? {} : { backends: estate.backends.toSpliced(chance.between(0, estate.backends.length - 1), 1) },
  added: (estate, chance, nowMs) => ({
    backends: [...estate.backends, generateBackend(10 * estate.epoch + estate.backends.length, chance, nowMs)],
  }),
  class: (estate, chance) => {
    const tenant = chance.pick(estate.tenants);
    return { tenants: estate.tenants.map((each) => (each === tenant ? { ...each, defaultClass: chance.pick(RUNGS.class) } : each)) };
  },
  revoked: (estate, chance) => {
    const key = chance.pick(estate.keys);
    return { keys: estate.keys.map((each) => (each === key ? { ...each, revoked: true } : each)) };
  },
  prices: (estate, chance) => ({
    msps: estate.msps.map((msp) => ({
      ...msp,
      aliases: Object.fromEntries(
        Object.entries(msp.aliases).map(([name, alias]) => [
          name,
          { ...alias, price: { ...alias.price, output: chance.between(0, 3_000_000) } },
        ]),
      ),
    })),
  }),
  self: (estate, chance) => ({
    self: {
      ...estate.self,
      "location.country": { value: chance.pick(["DE", "DE", "DE", "FR"]), evidence: "audit", expiresAtMs: undefined },
    },
  }),
  picker: (_, chance) => ({ picker: chance.pick(["power-of-two", "best", "weighted-random"] as const) }),
};

/** What ends all service for somebody is rare, or there would be none left to watch. */
const WEIGHTS: Readonly<Record<string, number>> = {
  rules: 6,
  silence: 0.4,
  facts: 4,
  moved: 3,
  renamed: 2,
  removed: 0.6,
  added: 2,
  class: 7,
  revoked: 0.4,
  prices: 2,
  self: 1,
  picker: 1,
};

/** The next configuration, one to three changes away. */
export function changed(estate: PlainEstate, chance: Chance, nowMs: number): { readonly estate: PlainEstate; readonly what: string } {
  const names = Array.from({ length: chance.between(1, 3) }, () => chance.weighted(WEIGHTS));
  let next: PlainEstate = { ...estate, epoch: estate.epoch + 1 };
  for (const name of names) next = { ...next, ...CHANGES[name]?.(next, chance, nowMs) };
  return { estate: next, what: names.join("+") };
}

function replaced(estate: PlainEstate, chance: Chance, change: (backend: PlainBackend) => PlainBackend): readonly PlainBackend[] {
  const chosen = chance.pick(estate.backends);
  return estate.backends.map((each) => (each === chosen ? change(each) : each));
}
