import { expect, it } from "vitest";
import type { Question } from "../../../../src/domain/law.ts";
import { Fault } from "../../../../src/faults.ts";
import { Hearing, named, type Named } from "../../../../src/telemetry/otel/hearing.ts";
import { finished } from "./fixture.ts";

function of(...[over]: Parameters<typeof finished>): Named {
  const found = named(finished(over));
  if (found === undefined) throw new Error("it has a question");
  return found;
}

it("asks each different question once", () => {
  const asked: Question[] = [];
  const hearing = new Hearing((question) => {
    asked.push(question);
    return question.require === undefined;
  });
  expect(
    [of(), of(), of({ require: "a" }), of({ wire: "responses" }), of({ wire: "embeddings" })].map((each) => hearing.allows(each)),
  ).toEqual([true, true, false, true, true]);
  expect(asked.map(({ capability, require }) => [capability, require])).toEqual([
    ["chat", undefined],
    ["chat", "a"],
    ["embeddings", undefined],
  ]);
});

it("lets nothing go that cannot be asked", () => {
  const hearing = new Hearing(() => {
    throw new Fault("sov_bad_header");
  });
  expect(hearing.allows(of())).toBe(false);
  expect(named(finished({}, { principal: undefined }))).toBeUndefined();
});
