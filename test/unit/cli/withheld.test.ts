import { expect, it } from "vitest";
import { withheld } from "../../../src/cli/withheld.ts";
import { check } from "../../../src/cli/check.ts";
import { declared, SOUND } from "../config/sample.ts";

const NOW_MS = 1_780_000_000_000;

const inside = (id: string, more = ""): string => `policy: [{ id: ${id}, require: { backend.location.country: { in: [DE] } } }${more}]`;
const LAWFUL = SOUND.replace("acme: { country: DE, parents: [DE] }", `acme: { country: DE, parents: [DE], ${inside("OP")} }`)
  .replace("hosts: [shop.example]", `hosts: [shop.example]\n    ${inside("MSP")}`)
  .replace("clinic: {}", `clinic: { ${inside("TEN")} }`)
  .concat(`${inside("PLAT")}\n`);

const notes = (otlp: string, text = LAWFUL): readonly string[] =>
  withheld("b.yaml", declared(`${text}telemetry: { otlp: { endpoint: "http://c:4318", ${otlp} } }\n`), NOW_MS);

it("has nothing to say where everything may be exported, or nothing is", () => {
  expect(notes("site: fra")).toEqual([]);
  expect(withheld("b.yaml", declared(LAWFUL), NOW_MS)).toEqual([]);
});

it("names each tenant of which nothing is exported, and why", () => {
  expect(notes("")).toEqual([
    'b.yaml: note: of tenant "clinic" nothing is exported to telemetry.otlp: backend.location.country is unknown for rule "PLAT" of level platform',
  ]);
  expect(notes("facts: { location.country: US }")[0]).toContain('backend.location.country does not meet rule "PLAT"');
  expect(notes("site: fra", LAWFUL.replace(`clinic: { ${inside("TEN")} }`, "clinic: {}"))[0]).toContain(
    "level tenant has no policy for it",
  );
});

it("says when only some of it is", () => {
  const more =
    ", { id: SOME, when: { request.endpoint: { in: [chat] } }, require: { backend.location.country: { in: [FR] } }, applies_to: backend }";
  expect(notes("site: fra", LAWFUL.replace(inside("TEN"), inside("TEN", more)))).toEqual([
    'b.yaml: note: of tenant "clinic" not everything is exported to telemetry.otlp: backend.location.country does not meet rule "SOME" of level tenant',
  ]);
});

it("is part of the check, which passes all the same", () => {
  let out = "";
  const text = `${LAWFUL}telemetry: { otlp: { endpoint: "http://c:4318" } }\n`;
  const code = check("b.yaml", { readFile: () => text, env: {}, write: (piece) => void (out += piece) });
  expect([code, out.match(/nothing is exported/g)?.length]).toEqual([0, 1]);
});
