import { describe, expect, it } from "vitest";
import type { Certificate, Fact, FactValue } from "../../../src/domain/facts.ts";
import { siteId } from "../../../src/domain/ids.ts";
import { backend, certificate, fact, permissive, problemsOf, sheet, standing } from "./fixture.ts";

const wrong = (values: Readonly<Record<string, FactValue | Fact>>, certificates: readonly Certificate[] = []) =>
  problemsOf([backend("b", sheet(values, certificates))], permissive()).map(
    ({ where, message, hint }) => `${where}: ${message}${hint === undefined ? "" : ` (${hint})`}`,
  );

describe("a fact that the vocabulary does not know", () => {
  it.each<[Readonly<Record<string, FactValue | Fact>>, string]>([
    [{ "location.country": "UK" }, 'backends.b.facts.location.country: "UK" is not a value of location.country (write "GB")'],
    [
      { "location.country": ["DE", "ZZ"] },
      'backends.b.facts.location.country: "ZZ" is not a value of location.country (leave out a fact that is not known; ZZ is not a place)',
    ],
    [
      { "location.country": "@EU" },
      'backends.b.facts.location.country: "@EU" is not a value of location.country (a fact names countries, not a set)',
    ],
    [{ "operator.parents": [] }, "backends.b.facts.operator.parents: an empty list says nothing (leave out a fact that is not known)"],
    [
      { "location.contry": "DE" },
      'backends.b.facts.location.contry: "location.contry" is not a fact of this version (did you mean "location.country"?)',
    ],
    [{ certs: "ISO27001" }, 'backends.b.facts.certs: "certs" is not a fact of this version (certificates have a list of their own)'],
    [{ "operator.id": "op" }, 'backends.b.facts.operator.id: "operator.id" follows from the registry (leave it out of the facts)'],
    [{ train_on_data: "false" }, 'backends.b.facts.train_on_data: "false" is not a value of train_on_data (write true or false)'],
    [{ "retention.days": 1.5 }, "backends.b.facts.retention.days: a whole number from 0 to 2147483647 is needed here, not 1.5"],
    [
      { tenancy: "private" },
      'backends.b.facts.tenancy: "private" is not a value of tenancy (one of: shared, isolated-process, dedicated-node, dedicated-cluster, air-gapped)',
    ],
    [{ embargo: fact(false, { expiresAtMs: Number.NaN }) }, "backends.b.facts.embargo: NaN is not an instant"],
  ])("does not load: %j", (values, line) => {
    expect(wrong(values)).toEqual([line]);
  });

  it("is an unregistered certificate too", () => {
    expect(wrong({}, [certificate("ISO27001"), certificate("ISO27002")])).toEqual([
      'backends.b.certificates.1: "ISO27002" is not a registered certificate (did you mean "ISO27001"?)',
    ]);
  });

  it("counts for this cell as well", () => {
    expect(problemsOf([], permissive(), { self: sheet({ "location.country": "EL" }) })[0]?.where).toBe("self.facts.location.country");
  });
});

describe("a backend", () => {
  it("is not called self, the name of the gateway in explanations", () => {
    expect(problemsOf([standing("self", "DE", { site: siteId("site") })], permissive())[0]?.message).toBe(
      'a backend cannot be called "self"',
    );
  });
});
