/** What the law costs: 100 backends and 50 rules, cold, cached, with every reason, and the second look before sending. */
import type { PolicySource } from "../../src/domain/estate.ts";
import type { Fact, FactSheet, FactValue } from "../../src/domain/facts.ts";
import type { Backend, Model } from "../../src/domain/fleet.ts";
import { backendId, keyId, modelId, mspId, operatorId, projectId, requestId, siteId, tenantId } from "../../src/domain/ids.ts";
import type { Question } from "../../src/domain/law.ts";
import { Bundle, compileBundle } from "../../src/policies/bundle.ts";
import { clear } from "../../src/policies/clear.ts";
import { decide } from "../../src/policies/decide.ts";
import { stillLawful } from "../../src/policies/lawful.ts";
import { selfAdmits } from "../../src/policies/self.ts";

export interface Figure {
  readonly name: string;
  readonly unit: "us";
  /** Median and lowest of the rounds, microseconds per call. */
  readonly median: number;
  readonly lowest: number;
  /** What the figure must stay under, microseconds. */
  readonly most: number | undefined;
}

const BACKENDS = 100;
const RULES = 50;
const NOW_MS = 1_780_000_000_000;
const COUNTRIES = ["DE", "FR", "NL", "AT", "US", "CH", "GB", "NO", "DE", "FR"];
const MODEL: Model = { id: modelId("llama"), contextTokensMax: 8_192, completionTokensMax: undefined, capabilities: new Set(["chat"]) };
const LIMITS = { requestsPerMinute: undefined, tokensPerMinute: undefined, concurrency: undefined, budgetPerMonth: undefined };

const at = (list: readonly string[], index: number): string => list[index % list.length] ?? "DE";
const claim = (value: FactValue): Fact => ({ value, evidence: "audit", source: undefined, expiresAtMs: NOW_MS + 86_400_000 });

function facts(index: number): FactSheet {
  const values: Readonly<Record<string, FactValue>> = {
    "location.country": at(COUNTRIES, index),
    "operator.country": at(COUNTRIES, index * 3),
    "operator.parents": [at(COUNTRIES, index * 3), at(COUNTRIES, index)],
    "support.countries": [at(COUNTRIES, index), "DE"],
    "retention.days": index % 4,
    tenancy: index % 2 === 0 ? "dedicated-node" : "shared",
    train_on_data: index % 10 === 9,
    embargo: false,
  };
  const codes = index % 3 === 0 ? ["ISO27001"] : ["ISO27001", "BSI-C5:2026.type2"];
  return {
    facts: new Map(Object.entries(values).map(([name, value]) => [name, claim(value)])),
    certificates: codes.map((code) => ({ code, scope: undefined, evidence: "audit", expiresAtMs: NOW_MS + 86_400_000 })),
  };
}

function fleet(): ReadonlyMap<ReturnType<typeof backendId>, Backend> {
  const all = Array.from({ length: BACKENDS }, (_, index): Backend => ({
    id: backendId(`gpu-${index}`),
    operator: operatorId(`op-${index % 4}`),
    site: siteId(`site-${index % 8}`),
    engine: "vllm",
    baseUrl: `http://10.0.0.${index}:8000`,
    credential: undefined,
    models: new Map([[MODEL.id, { model: MODEL, servedName: "llama", chatTemplate: undefined }]]),
    facts: facts(index),
    weight: 1,
    concurrencyMax: 8,
  }));
  return new Map(all.map((backend) => [backend.id, backend]));
}

/** Two or three conditions each, of every kind; none excludes a German backend that is well run. */
const CONDITIONS: readonly Readonly<Record<string, unknown>>[] = [
  { "backend.location.country": { in: ["@EEA"] }, "backend.operator.country": { in: ["@EEA", "@EU_ADEQUATE"] } },
  { "backend.operator.parents": { subset_of: ["@EEA", "@EU_ADEQUATE"] }, "backend.train_on_data": { in: [false] } },
  { "backend.certs": { has_all: ["ISO27001"] }, "backend.embargo": { in: [false] } },
  {
    "backend.retention.days": { at_most: 2 },
    "backend.location.country": { in: ["@ALL_ASSIGNED", "-US"] },
    "backend.tenancy": { at_least: "shared" },
  },
  {
    "backend.certs": { has_any: ["BSI-C5.type2", "SecNumCloud.3.2", "ISO27001"] },
    "backend.support.countries": { subset_of: ["@EEA", "@EU_ADEQUATE"] },
  },
];

function policies(): readonly PolicySource[] {
  const levels = [
    ["platform", "", 6],
    ...[0, 1, 2, 3].map((index) => ["operator", `op-${index}`, 1] as const),
    ["msp", "msp", 10],
    ["tenant", "tenant", 20],
    ["project", "project", 6],
    ["key", "key", 4],
  ] as const;
  return levels.map(([level, subject, count]) => {
    const rules = Array.from({ length: count }, (_, index) => ({
      id: `${level}-${index}`,
      require: CONDITIONS[index % CONDITIONS.length],
    }));
    return { level, subject, document: { rules }, where: (path) => path.join(".") };
  });
}

function compile(): Bundle {
  const [msp, tenant, project] = [mspId("msp"), tenantId("tenant"), projectId("project")];
  const compiled = compileBundle({
    policies: policies(),
    backends: fleet(),
    self: facts(0),
    operators: new Map([0, 1, 2, 3].map((index) => [operatorId(`op-${index}`), { id: operatorId(`op-${index}`), name: "" }])),
    msps: new Map([
      [
        msp,
        {
          id: msp,
          hosts: [],
          brand: { name: "", supportUrl: undefined, diagnostics: false },
          aliases: new Map(),
          priceBook: { version: "1", currency: "EUR" },
          limits: LIMITS,
        },
      ],
    ]),
    tenants: new Map([[tenant, { id: tenant, msp, name: "", limits: LIMITS, defaultClass: "restricted" }]]),
    projects: new Map([[project, { id: project, tenant, name: "", limits: LIMITS }]]),
    epoch: 1,
    nowMs: NOW_MS,
  });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return compiled.bundle;
}

const ask = (key: string, require?: string): Question => ({
  msp: mspId("msp"),
  tenant: tenantId("tenant"),
  project: projectId("project"),
  key: keyId(key),
  model: MODEL.id,
  capability: "chat",
  defaultClass: "restricted",
  require,
});

const ROUNDS = 15;

/** Microseconds, wall clock: on a busy machine the lowest round is the one to read. */
function clockUs(): number {
  return performance.now() * 1_000;
}

function measure(name: string, most: number | undefined, { calls, run }: { calls: number; run: (call: number) => unknown }): Figure {
  const rounds: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) {
    const before = clockUs();
    for (let call = 0; call < calls; call++) run(round * calls + call);
    if (round > 0) rounds.push((clockUs() - before) / calls);
  }
  rounds.sort((a, b) => a - b);
  return { name, unit: "us", median: rounds[ROUNDS >> 1] ?? 0, lowest: rounds[0] ?? 0, most };
}

/** Measures the law. Every figure is per call. */
export async function decideFigures(): Promise<readonly Figure[]> {
  const bundle = compile();
  const question = ask("key");
  const decision = decide(bundle, question, NOW_MS);
  const backend = decision.admissible[0];
  if (backend === undefined) throw new Error("the bench needs an admissible backend");
  const { ground, book } = bundle;
  const fresh = Array.from({ length: 50 * (ROUNDS + 1) }, () => new Bundle({ epoch: 1, compiledAtMs: NOW_MS, ground, book }));
  const request = requestId("0".repeat(32));
  return [
    measure("decide, not one rule judged yet", undefined, { calls: 50, run: (call) => decide(fresh[call] ?? bundle, question, NOW_MS) }),
    measure("decide, not cached", 100, {
      calls: 500,
      run: (call) => decide(bundle, { ...question, project: projectId(`p${call}`), key: keyId(`k${call}`) }, NOW_MS),
    }),
    measure("decide, not cached, with a header", 100, {
      calls: 500,
      run: (call) => decide(bundle, ask(`h${call}`, "country=(DE FR), evidence=audit"), NOW_MS),
    }),
    measure("decide, cached", 2, { calls: 20_000, run: () => decide(bundle, question, NOW_MS) }),
    measure("every reason against every backend", 400, { calls: 50, run: () => decision.excluded() }),
    measure("selfAdmits, cached", 1, { calls: 20_000, run: () => selfAdmits(bundle, question, NOW_MS) }),
    measure("stillLawful", 20, { calls: 2_000, run: () => stillLawful(bundle, question, backend, NOW_MS) }),
    measure("clear", 1, { calls: 20_000, run: () => clear(bundle, decision, backend, request) }),
    measure("compileBundle", undefined, { calls: 2, run: compile }),
  ];
}

if (import.meta.main) {
  const bundle = compile();
  const decision = decide(bundle, ask("key"), NOW_MS);
  console.log(`${BACKENDS} backends, ${RULES} rules, ${decision.admissible.length} admissible, ${decision.excluded().length} reasons`);
  for (const { name, median, lowest, most } of await decideFigures())
    console.log(
      `${name.padEnd(50)} ${median.toFixed(2).padStart(9)} us (lowest ${lowest.toFixed(2)}${most === undefined ? "" : `, bound ${most}`})`,
    );
}
