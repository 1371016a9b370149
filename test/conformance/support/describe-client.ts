/** One client as a suite of vitest: a test for each of its checks, and one for the answers that it got. Against the demo, or the target that CONFORMANCE_TARGET names. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ClientName, CLIENTS } from "./clients.ts";
import { Demo, type Engine } from "./demo.ts";
import { type Report, runClient } from "./run-client.ts";
import { ready } from "./runtimes.ts";
import { type Target, targetFrom } from "./target.ts";

const SUITE_MS_MAX = 300_000;

/** Call it once per file, awaited. Says `not run` where the client cannot be had; with CI=true that is a failure. */
export async function describeClient(name: ClientName, engines: readonly Engine[] = ["vllm", "triton"]): Promise<void> {
  const means = await ready(CLIENTS[name].runtime);
  if ("missing" in means) {
    process.stdout.write(`not run: ${name} (${means.missing})\n`);
    it.runIf(process.env["CI"] === "true")(`${name} must not be missing`, () => expect(means).not.toHaveProperty("missing"));
    it.skipIf(process.env["CI"] === "true")(name, () => undefined);
    return;
  }
  const named = targetFrom(process.env);
  if (named !== undefined) return suite(`${name} against ${named.name}`, name, () => Promise.resolve(named));
  const demo = new Demo();
  beforeAll(() => demo.start(), SUITE_MS_MAX);
  afterAll(() => demo.stop());
  for (const engine of engines) suite(`${name} against the demo's ${engine}`, name, () => demo.target(engine));
}

function suite(title: string, name: ClientName, aim: () => Promise<Target>): void {
  describe(title, () => {
    let target: Target;
    let report: Report;
    beforeAll(async () => {
      target = await aim();
      report = await runClient(name, target);
    }, SUITE_MS_MAX);

    it.each(CLIENTS[name].checks)("%s", (check) => {
      const outcome = report.outcomes.find((one) => one.check === check);
      if (outcome?.skipped !== undefined) expect(target.without).toContain(outcome.skipped.split(" ").at(-1));
      else expect(outcome, report.errors).toEqual({ check, ok: true });
    });

    it("has no check that is not listed, and reached its end", () => {
      expect(report.outcomes.map(({ check }) => check).toSorted()).toEqual([...CLIENTS[name].checks].toSorted());
      expect(report.client, report.errors).not.toBe("");
    });

    it("got nothing that OpenAI's description does not have, save what is meant", () => {
      expect(report.judged.bodies + report.judged.frames).toBeGreaterThan(0);
      expect(report.findings).toEqual([]);
    });
  });
}
