/** The law as one value: every document and every fact, compiled together or not at all. A reload makes a new one and swaps it in. */
import type { Declared, PolicySource } from "../domain/estate.ts";
import type { BackendId, ModelId, MspId, ProjectId, TenantId } from "../domain/ids.ts";
import type { Level } from "../domain/law.ts";
import type { Backend } from "../domain/fleet.ts";
import type { FactSheet } from "../domain/facts.ts";
import type { Msp, Project, Tenant } from "../domain/tenancy.ts";
import { RuleBook } from "./book.ts";
import { AnswerCache } from "./cache.ts";
import { compileDocument } from "./compile.ts";
import type { Ids } from "./constants.ts";
import type { Decision } from "./decide.ts";
import { type Ground, readGround } from "./ground.ts";
import { Place, type Problem } from "./problems.ts";
import type { SelfVerdict } from "./self.ts";
import { Sieve } from "./sieve.ts";
import { readSink, type Sink } from "./sink.ts";
import { CLASSES } from "./vocabulary/ladders.ts";
import { suggest } from "./vocabulary/suggest.ts";

/** What a bundle is made of. `models`, `keys` and `exporter` of Declared are looked at when given: a guard on an idle model, a policy of an unknown key. */
export interface BundleInput extends Partial<Pick<Declared, "models" | "keys" | "exporter">> {
  readonly policies: readonly PolicySource[];
  readonly backends: ReadonlyMap<BackendId, Backend>;
  readonly self: FactSheet;
  readonly operators: Declared["operators"];
  readonly msps: ReadonlyMap<MspId, Msp>;
  readonly tenants: ReadonlyMap<TenantId, Tenant>;
  readonly projects: ReadonlyMap<ProjectId, Project>;
  /** Grows with every reload. */
  readonly epoch: number;
  /** Unix milliseconds. */
  readonly nowMs: number;
}

export type Compiled = { readonly ok: true; readonly bundle: Bundle } | { readonly ok: false; readonly problems: readonly Problem[] };

/** Compiled law. Opaque outside policies/. */
export class Bundle {
  readonly epoch: number;
  readonly compiledAtMs: number;
  readonly ground: Ground;
  readonly book: RuleBook;
  readonly sieve: Sieve;
  /** The exporter of traces and metrics as judged; undefined: there is none. */
  readonly sink: Sink | undefined;
  readonly decisions = new AnswerCache<Decision>();
  readonly selfVerdicts = new AnswerCache<SelfVerdict>();

  constructor(input: { epoch: number; compiledAtMs: number; ground: Ground; book: RuleBook; sink?: Sink | undefined }) {
    this.epoch = input.epoch;
    this.compiledAtMs = input.compiledAtMs;
    this.ground = input.ground;
    this.book = input.book;
    this.sink = input.sink;
    this.sieve = new Sieve(input.ground.columns);
  }
}

/** Compiles everything, or says everything that is wrong. */
export function compileBundle(input: BundleInput): Compiled {
  const problems: Problem[] = [];
  const ids = idsOf(input);
  const ground = readGround(input.backends, input.self, { ids, problems });
  const sink = input.exporter === undefined ? undefined : readSink(input.exporter, input.self, { ids, problems });
  const book = new RuleBook();
  const seen = new Set<string>();
  const subjects = subjectsOf(input);
  for (const source of input.policies) {
    const rules = compileDocument(source, ids, problems);
    const place = new Place(problems, source.where);
    refuseStranger(source, subjects, place);
    rules.forEach(({ id }, index) => {
      const name = JSON.stringify([source.level, source.subject, id]);
      if (id !== "" && seen.has(name))
        place
          .at("rules", index, "id")
          .refuse(`the rule id "${id}" is used twice`, "ids name rules in explanations, so they differ within a subject");
      seen.add(name);
    });
    book.add(source.level, source.subject, rules);
  }
  refuseClasses(input.tenants, problems);
  if (problems.length > 0) return { ok: false, problems };
  const bundle = new Bundle({ epoch: input.epoch, compiledAtMs: input.nowMs, ground, book, sink });
  bundle.sieve.warm(book.all(), input.nowMs);
  return { ok: true, bundle };
}

function idsOf({ operators, backends, models }: BundleInput): Ids {
  const served = [...backends.values()].flatMap((backend) => [...backend.models.keys()]);
  const sites = [...backends.values()].map((backend) => backend.site);
  const modelIds: readonly ModelId[] = [...(models?.keys() ?? []), ...served];
  return { operators: indexed(operators.keys()), sites: indexed(sites), models: indexed(modelIds) };
}

function indexed(names: Iterable<string>): ReadonlyMap<string, number> {
  return new Map([...new Set(names)].map((name, index) => [name, index]));
}

/** A document of somebody who does not exist would restrict nobody: most likely a typing error, and never a harmless one. */
function refuseStranger(source: PolicySource, subjects: Subjects, place: Place): void {
  const { level, subject } = source;
  if (level === "platform") {
    if (subject !== "") place.refuse(`a platform policy has no subject, but "${subject}" is given`);
    return;
  }
  const known = subjects[level];
  if (known !== undefined && !known.has(subject)) place.refuse(`there is no ${level} "${subject}"`, suggest(subject, known));
}

/** Who there is at each level; undefined: not known, and not asked. */
type Subjects = Readonly<Record<Exclude<Level, "platform" | "request">, ReadonlySet<string> | undefined>>;

function subjectsOf({ operators, msps, tenants, projects, keys }: BundleInput): Subjects {
  return {
    operator: new Set(operators.keys()),
    msp: new Set(msps.keys()),
    tenant: new Set(tenants.keys()),
    project: new Set(projects.keys()),
    key: keys === undefined ? undefined : new Set(keys.map((key) => key.id)),
  };
}

function refuseClasses(tenants: ReadonlyMap<TenantId, Tenant>, problems: Problem[]): void {
  const place = new Place(problems, (path) => path.join("."));
  for (const [id, { defaultClass }] of tenants) {
    if (!CLASSES.includes(defaultClass))
      place
        .at("tenants", id, "default_class")
        .refuse(`"${defaultClass}" is not a rung of the class ladder`, `weakest first: ${CLASSES.join(", ")}`);
  }
}
