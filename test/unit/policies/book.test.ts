import { describe, expect, it } from "vitest";
import { RuleBook, understand } from "../../../src/policies/book.ts";
import { ALWAYS, type Rule } from "../../../src/policies/rule.ts";
import { question } from "./fixture.ts";

const rule = (id: string, rest: Partial<Rule> = {}): Rule => ({
  id,
  level: "tenant",
  appliesTo: "both",
  guard: ALWAYS,
  evidenceLeast: 0,
  require: [],
  anyOf: [],
  cite: undefined,
  ...rest,
});
const ids = (rules: readonly Rule[]): readonly string[] => rules.map(({ id }) => id);

function book(...tenant: readonly Rule[]): RuleBook {
  const made = new RuleBook();
  made.add("platform", "", [rule("P", { level: "platform" })]);
  made.add("msp", "msp", [rule("M", { level: "msp" })]);
  made.add("tenant", "tenant", tenant);
  return made;
}

describe("RuleBook", () => {
  it("hears the levels of the caller in order, the header last", () => {
    const full = book(rule("T"));
    full.add("key", "key", [rule("K", { level: "key" })]);
    full.add("key", "other", [rule("K2", { level: "key" })]);
    const { rules, silent } = full.ofCaller(understand(question({ require: "country=(DE)" })), "backend");
    expect([ids(rules), silent]).toEqual([["P", "M", "T", "K", "Sovereignty-Require"], []]);
  });

  it("keeps every document of a subject", () => {
    const twice = book(rule("A"));
    twice.add("tenant", "tenant", [rule("B")]);
    expect(ids([...twice.all()])).toEqual(["P", "M", "A", "B"]);
    expect(ids(twice.rulesOf("tenant", "tenant"))).toEqual(["A", "B"]);
    expect(twice.rulesOf("tenant", "stranger")).toEqual([]);
  });

  it("needs a word for every class that a raised request must be lawful as", () => {
    const low = rule("LOW", { guard: { ...ALWAYS, classMost: 2 } });
    const high = rule("HIGH", { guard: { ...ALWAYS, classLeast: 4 } });
    const raised = understand(question({ require: "class=secret" }));
    expect(book(low).ofCaller(raised, "backend").silent).toEqual(["tenant"]);
    expect(book(low, high).ofCaller(raised, "backend").silent).toEqual(["tenant"]);
    expect(book(low, high, rule("MID", { guard: { ...ALWAYS, classLeast: 3, classMost: 3 } })).ofCaller(raised, "backend").silent).toEqual(
      [],
    );
  });

  it("takes a rule about backends alone as a word about this cell, and not the other way round", () => {
    const asked = understand(question());
    const [backends, cell] = [book(rule("B", { appliesTo: "backend" })), book(rule("S", { appliesTo: "self" }))];
    expect([backends.ofCaller(asked, "self").silent, ids(backends.ofCaller(asked, "self").rules)]).toEqual([[], ["P", "M"]]);
    expect(cell.ofCaller(asked, "backend").silent).toEqual(["tenant"]);
  });

  it("says of an operator without rules that it is silent", () => {
    expect(book().ofOperator("op", understand(question()).circumstances)).toEqual({ rules: [], silent: ["operator"] });
  });
});

describe("understand", () => {
  it("raises the class and never lowers it", () => {
    expect(understand(question({ require: "class=secret" }))).toMatchObject({
      effectiveClass: "secret",
      circumstances: { classFrom: 2, classTo: 4 },
    });
    expect(understand(question({ require: "class=public" }))).toMatchObject({
      effectiveClass: "confidential",
      circumstances: { classFrom: 2, classTo: 2 },
    });
    expect(understand(question({ defaultClass: "top" })).classKnown).toBe(false);
  });
});
