/** Every way in which an engine answers wrongly, beside the documented answer: alone, with another lawful backend at hand, and always with one that the law forbids. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { lastError, textOf } from "./support/ask.ts";
import { errorOf } from "../edge/support/raw.ts";
import { BREAKS } from "./cases/breaks.ts";
import { SERVED, type Case } from "./cases/case.ts";
import { CONTENT, LIES } from "./cases/content.ts";
import { FRAMING } from "./cases/framing.ts";
import { REFUSALS } from "./cases/refusals.ts";
import { SILENCE } from "./cases/silence.ts";
import { type CaseRun, CaseRuns } from "./support/case-runs.ts";

const TABLES = { SILENCE, BREAKS, REFUSALS, FRAMING, LIES, CONTENT };

/** In groups that fit a retry budget. */
describe.each(Object.entries(TABLES))("%s", (_, cases) => {
  let runs: CaseRuns;
  beforeAll(async () => void (runs = await CaseRuns.of(cases)), 60_000);
  afterAll(() => runs.remove());

  describe.each(cases.map((each, at) => ({ ...each, at, kind: each.stream ? "stream" : "whole" })))("$kind: $name", (each) => {
    it("is answered as documented", () => answered(runs.alone(each.at), each));
    it("is settled once, as documented", () => settled(runs.alone(each.at), each));
    it("goes where it may go, and nowhere else", () => routed(runs.spared(each.at), each));
  });

  it("sends nothing outside the law", () => expect(runs.trespasses).toEqual([]));
  it("leaves no hold open", () => expect(runs.holdsOpen).toBe(0));
  it("spends no more attempts than the bounds allow", () => expect(runs.turnsMax).toBeLessThanOrEqual(3));
});

function answered({ answer }: CaseRun, { stream, expects }: Case): void {
  const { status, code, text, retryAfter } = expects;
  const error = status === 200 ? lastError(answer) : errorOf(answer);
  expect({
    status: answer.status,
    code: error === undefined ? undefined : String(error["code"]),
    text: status === 200 ? textOf(answer) : "",
  }).toEqual({
    status,
    code,
    text,
  });
  expect(answer.headers["retry-after"]).toBe(retryAfter);
  expect(answer.body).not.toMatch(/10\.1\.2\.3|rack 7|served"/);
  if (error !== undefined) expect(Object.keys(error).slice(0, 4).toSorted()).toEqual(["code", "message", "param", "type"]);
  if (stream && status === 200) {
    expect(answer.headers["content-type"]).toMatch(/^text\/event-stream/);
    expect(answer.body.endsWith("data: [DONE]\n\n")).toBe(code === undefined);
    expect(answer.body.split("[DONE]").length).toBe(code === undefined ? 2 : 1);
  }
}

function settled({ rows, answer }: CaseRun, { expects }: Case): void {
  expect(rows).toHaveLength(1);
  const [row] = rows;
  const { outcome, source, completionTokens, status } = expects;
  expect(row).toMatchObject({ outcome, usage_source: source, completion_tokens: completionTokens, status });
  expect(row?.amount).toBeLessThanOrEqual(row?.held ?? 0);
  if (source === "none") expect([row?.amount, row?.prompt_tokens]).toEqual([0, 0]);
  expect(answer.headers["x-request-id"]).toBe(row?.request);
}

function routed({ answer, turns, spareTurns, rows }: CaseRun, { expects, stream }: Case): void {
  expect(turns).toBeGreaterThanOrEqual(1);
  expect(spareTurns).toBe(expects.elsewhere ? 1 : 0);
  if (!expects.elsewhere) return expect(answer.status).toBe(expects.status);
  expect([answer.status, textOf(answer), lastError(answer)]).toEqual([200, SERVED.text, undefined]);
  if (stream) expect(answer.body.endsWith("data: [DONE]\n\n")).toBe(true);
  expect(rows).toEqual([expect.objectContaining({ outcome: "served", backend: "spare", usage_source: "backend" })]);
}
