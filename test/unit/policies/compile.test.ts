import { describe, expect, it } from "vitest";
import { BOUNDS } from "../../../src/bounds.ts";
import { ANYWHERE, bundleOf, permissive, policy, problemsOf, rule } from "./fixture.ts";

const require = (conditions: unknown, rest: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> => ({
  id: "R",
  require: conditions,
  ...rest,
});

/** Problems of one tenant document as `where: message (hint)`. */
function lines(content: readonly unknown[] | Readonly<Record<string, unknown>>): readonly string[] {
  const problems = problemsOf([], [...permissive("tenant"), policy("tenant", "tenant", content)]);
  return problems.map(({ where, message, hint }) => `${where}: ${message}${hint === undefined ? "" : ` (${hint})`}`);
}

describe("a constant that is not in its list", () => {
  it.each([
    [
      { "backend.location.country": { in: ["UK"] } },
      'law:rules.0.require.backend.location.country.in.0: "UK" is not an assigned country code (write "GB")',
    ],
    [
      { "backend.location.country": { in: ["DE", "EL"] } },
      'law:rules.0.require.backend.location.country.in.1: "EL" is not an assigned country code (write "GR")',
    ],
    [
      { "backend.location.country": { in: ["EU"] } },
      'law:rules.0.require.backend.location.country.in.0: "EU" is not an assigned country code (write the set "@EU")',
    ],
    [
      { "backend.location.country": { in: ["@EUU"] } },
      'law:rules.0.require.backend.location.country.in.0: "@EUU" is not a set of release 2026-11-22.1 (did you mean "@EU"?)',
    ],
    [
      { "backend.location.country": { in: [false] } },
      'law:rules.0.require.backend.location.country.in.0: false is not a text (for Norway write "NO" in quotes)',
    ],
    [
      { "backend.certs": { has_all: ["BSI-C5.typ2"] } },
      'law:rules.0.require.backend.certs.has_all.0: "BSI-C5.typ2" is not a registered certificate (did you mean "BSI-C5.type2"?)',
    ],
    [
      { "backend.tenancy": { at_least: "dedicated" } },
      'law:rules.0.require.backend.tenancy.at_least: "dedicated" is not a rung of this ladder (weakest first: shared, isolated-process, dedicated-node, dedicated-cluster, air-gapped)',
    ],
    [
      { "backend.prefix_cache": { in: ["of"] } },
      'law:rules.0.require.backend.prefix_cache.in.0: "of" is not known here (did you mean "off"?)',
    ],
    [
      { "backend.operator.id": { in: ["opp"] } },
      'law:rules.0.require.backend.operator.id.in.0: "opp" is not known here (did you mean "op"?)',
    ],
    [
      { "backend.retention.days": { at_most: -1 } },
      "law:rules.0.require.backend.retention.days.at_most: a whole number from 0 to 2147483647 is needed here, not -1",
    ],
    [
      { "backend.train_on_data": { in: ["no"] } },
      'law:rules.0.require.backend.train_on_data.in: a list of true or false is needed here, not ["no"] (write [true] or [false])',
    ],
  ])("is refused with its place and a hint: %j", (conditions, line) => {
    expect(lines([require(conditions)])).toEqual([line]);
  });
});

describe("a word that is not in the vocabulary", () => {
  it.each([
    [{ "backend.location.contry": { in: ["DE"] } }, 'did you mean "backend.location.country"?'],
    [{ "request.class": { at_least: "secret" } }, '"request.class" belongs into when'],
    [{ "location.country": { in: ["DE"] } }, 'did you mean "backend.location.country"?'],
    [{ "backend.operator.parents": { in: ["DE"] } }, "this attribute takes subset_of"],
    [{ "backend.location.country": { not_in: ["DE"] } }, "this attribute takes in"],
    [{ "backend.location.country": {} }, "write for example: { in: … }"],
    [{ constructor: { in: ["DE"] } }, "docs/reference/policies.md"],
  ])("is refused: %j", (conditions, hint) => {
    const found = lines([require(conditions)]);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(hint);
  });

  it.each([
    [{ rules: [ANYWHERE], rulez: [] }, 'law:rulez: unknown field "rulez" (did you mean "rules"?)'],
    [{ apiVersion: "sovereignty/v2", rules: [ANYWHERE] }, 'law:apiVersion: "sovereignty/v2" is not understood (write "sovereignty/v1")'],
    [{ metadata: { level: "msp" }, rules: [ANYWHERE] }, 'law:metadata.level: "msp" is not understood (write "tenant")'],
    [
      { uses: { sets: "2020-01-01.1" }, rules: [ANYWHERE] },
      'law:uses.sets: "2020-01-01.1" is not a release that this version knows (one of: 2026-11-22.1)',
    ],
    [{ applies_to: "all", rules: [ANYWHERE] }, 'law:applies_to: "all" is not understood (one of: backend, self, both)'],
    [{ rules: [] }, "law:rules: a list of at least one rule is needed here, not []"],
    [{ rules: ["R"] }, 'law:rules.0: a rule is a mapping, not "R"'],
  ])("is refused in the document: %j", (document, line) => {
    expect(lines(document)).toEqual([line]);
  });

  it.each(["obligations", "proofs", "defaults"])("does not load %s, and says why", (field) => {
    const whole = { rules: [ANYWHERE], [field]: {} };
    expect(lines(whole)[0]).toContain(`law:${field}: unknown field "${field}" (`);
    if (field === "obligations")
      expect(lines([{ ...require({ "backend.embargo": { in: [false] } }), obligations: { "log.prompt": "off" } }])[0]).toContain(
        "a promise that cannot be kept does not load",
      );
  });
});

describe("a rule that cannot hold", () => {
  it.each([
    [require({ "backend.location.country": { in: [] } }), "an empty list can never hold"],
    [require({ "backend.location.country": { in: ["@EU", "-@EU"] } }), "the exclusions leave nothing"],
    [require({ "backend.location.country": { in: ["-US"] } }), "a list of exclusions alone permits nothing"],
    [require({ "backend.location.country": { in: ["@EU", "-US"] } }), '"-US" takes nothing away'],
    [require({ "backend.tenancy": { at_least: "air-gapped", at_most: "shared" } }), "nothing can meet these conditions on backend.tenancy"],
    [
      require({ "backend.embargo": { in: [false] } }, { when: { "request.class": { at_least: "secret", at_most: "public" } } }),
      "the rule would never apply",
    ],
    [
      require({ "backend.location.country": { in: ["DE"] } }, {
        any_of: [{ "backend.location.country": { in: ["FR"] } }, { "backend.embargo": { in: [false] } }],
      }),
      "nothing can meet this alternative on backend.location.country",
    ],
    [{ id: "R" }, "a rule that requires nothing is no rule"],
    [{ id: "R", require: {} }, "attributes with their conditions are needed here, not {}"],
    [{ id: "R", any_of: [{ "backend.embargo": { in: [false] } }] }, "2 to 4 alternatives are needed here"],
    [{ require: { "backend.embargo": { in: [false] } } }, "a rule needs an id, not nothing"],
    [require({ "backend.embargo": { in: [false] } }, { when: {} }), "request attributes with their conditions are needed here"],
    [require({ "backend.embargo": { in: [false] } }, { min_evidence: "gossip" }), "is not a rung of evidence"],
    [require({ "backend.embargo": { in: [false] } }, { when: { "request.model": { in: ["gpt"] } } }), '"gpt" is not known here'],
    [require({ "backend.embargo": { in: [false] } }, { when: { "request.endpoint": { in: ["chatt"] } } }), 'did you mean "chat"?'],
    [require({ "backend.embargo": { in: [false] } }, { when: { "backend.embargo": { in: [false] } } }), "belongs into require"],
  ])("does not load: %j", (bad, message) => {
    const found = lines([bad]);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(message);
  });
});

describe("problems", () => {
  it("come all at once, each with its place", () => {
    const bad = [
      require({ "backend.location.country": { in: ["UK", "de"] } }),
      { ...require({ "backend.certs": { has_any: ["ISO9001"] } }), id: "" },
      ANYWHERE,
      ANYWHERE,
    ];
    expect(lines(bad).map((line) => line.slice(0, line.indexOf(": ")))).toEqual([
      "law:rules.0.require.backend.location.country.in.0",
      "law:rules.0.require.backend.location.country.in.1",
      "law:rules.1.require.backend.certs.has_any.0",
      "law:rules.1.id",
      "law:rules.3.id",
    ]);
  });

  it("include too many rules", () => {
    const many = Array.from({ length: BOUNDS.policyRulesPerDocumentMax + 1 }, (_, index) =>
      rule(`R${index}`, { "backend.embargo": { in: [false] } }),
    );
    expect(lines(many)[0]).toContain(`more than the ${BOUNDS.policyRulesPerDocumentMax}`);
  });

  it("do not include what is right", () => {
    const document = {
      apiVersion: "sovereignty/v1",
      kind: "Policy",
      metadata: { id: "t", level: "tenant", subject: "tenant", version: 1, owner: "dpo@example.org" },
      uses: { sets: "2026-11-22.1", certs: "2026-11-22.1" },
      applies_to: "backend",
      rules: [
        {
          id: "DE-1",
          cite: "s. 393 SGB V",
          when: { "request.class": { at_least: "restricted" }, "request.endpoint": { in: ["chat"] } },
          require: { "backend.location.country": { in: ["@ALL_ASSIGNED", "-@US_ALL"] }, "self.location.country": { in: ["@EEA"] } },
          any_of: [{ "backend.certs": { has_all: ["BSI-C5.type2"] } }, { "backend.tenancy": { at_least: "air-gapped" } }],
          min_evidence: "audit",
        },
      ],
    };
    expect(bundleOf([], [...permissive("tenant"), policy("tenant", "tenant", document)]).epoch).toBe(1);
  });
});
