import { describe, expect, it } from "vitest";
import { tenantId } from "../../../src/domain/ids.ts";
import { ANYWHERE, bundleOf, input, permissive, policy, problemsOf, rule } from "./fixture.ts";

describe("compileBundle", () => {
  it.each([
    ["operator", "opp", 'there is no operator "opp"'],
    ["msp", "msq", 'there is no msp "msq"'],
    ["tenant", "tennant", 'there is no tenant "tennant"'],
    ["project", "projekt", 'there is no project "projekt"'],
    ["platform", "tenant", 'a platform policy has no subject, but "tenant" is given'],
  ] as const)("refuses a %s document of a stranger: it would restrict nobody", (level, subject, message) => {
    expect(
      problemsOf([], [...permissive(), policy(level, subject, [rule("R", { "backend.embargo": { in: [false] } })])]).map(
        (each) => each.message,
      ),
    ).toEqual([message]);
  });

  it("checks keys only where they are given", () => {
    const document = policy("key", "key_1", [ANYWHERE]);
    expect(bundleOf([], [...permissive(), document]).epoch).toBe(1);
    expect(problemsOf([], [...permissive(), document], { keys: [] })[0]?.message).toBe('there is no key "key_1"');
  });

  it("refuses the same rule id twice within one subject, over all its documents, and nowhere else", () => {
    expect(problemsOf([], [...permissive(), policy("tenant", "tenant", [ANYWHERE])]).map(({ message }) => message)).toEqual([
      'the rule id "ANYWHERE" is used twice',
    ]);
  });

  it("refuses a tenant whose default class is no rung", () => {
    const [tenant] = input([], []).tenants.values();
    if (tenant === undefined) throw new Error("the fixture has a tenant");
    const problems = problemsOf([], permissive(), { tenants: new Map([[tenantId("tenant"), { ...tenant, defaultClass: "top" }]]) });
    expect(problems).toEqual([
      {
        where: "tenants.tenant.default_class",
        message: '"top" is not a rung of the class ladder',
        hint: "weakest first: public, internal, confidential, restricted, secret",
      },
    ]);
  });

  it("carries the epoch that it is given", () => {
    expect(bundleOf([], permissive(), { epoch: 42 }).epoch).toBe(42);
  });
});
